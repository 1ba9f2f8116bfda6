// Package mocks holds the mocks of the seams that system/jobs owns: providers,
// accounts, cache, limiter and enqueuer. `make generate` writes them with mockery
// from the interfaces; nothing but this file is written by hand.
//
// They are for unit tests of one processor. Scenarios use the real service and
// the fakes beside this package.
package mocks
