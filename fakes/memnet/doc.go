// Package memnet is the network that fakes and scenarios run on: real TCP, or
// one in memory, behind the same two methods.
//
// # What it does
//
// Mem is a network in memory: listeners and connections with addresses, ports,
// refused dials and deadlines, but no sockets. Connections are buffered up to a
// cap, as TCP's are; a writer that outruns its reader waits. Goroutines that wait
// in it are durably blocked in the sense of testing/synctest, so a server and
// its clients run in a bubble, in virtual time.
//
// TCP is the real network. WithLatency puts a round-trip time on the
// connections that are dialled through a network, real or not.
//
// # What it does not
//
// No UDP, no half-close, no host names but "localhost": addresses are IP
// literals, so that nothing asks a resolver. Bytes are neither lost nor
// reordered.
//
// # Sources
//
// The rules for bubbles: https://pkg.go.dev/testing/synctest. A fake network for
// net/http tests, with the same idea: net/http/netconn_test.go in Go's source.
package memnet
