// Package cachetarget carries out the cache operations of a load on the
// service's own cache package, as any other part of the application would: JSON
// values under keys, with a time to live.
//
// It is the cache half of a loadgen.Target; package httptarget takes it in its
// Config. Where the commands go is the store's matter that the cache was made
// with. It does not close the cache.
package cachetarget
