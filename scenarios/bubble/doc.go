// Package bubble runs virtual time in an ordinary program.
//
// The clock of a testing/synctest bubble jumps to the next moment at which anything happens, so that a month of a service
// takes as long as its work does. synctest is made for tests and a bubble has a process of its own best: what other
// goroutines of the process hold could not be waited for, and package testing ends the program. So the program runs
// itself again: [Call] in the parent hands a request to a child, whose main calls [Serve].
//
// # Messages
//
// A child reads one JSON request from its standard input and writes JSON messages to its standard output: any number of
// progress messages, then a result or an error.
//
// # Stopping
//
// When the parent's context ends, the child gets an interrupt and some time to answer with what it has; then it is killed.
// Inside a bubble nothing outside may be waited for (virtual time would stand still), so [Outside] is asked, not awaited.
package bubble
