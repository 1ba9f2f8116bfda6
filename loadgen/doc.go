// Package loadgen sends a workload at a service and measures the answers.
//
// # Open model
//
// A [Schedule] is laid out from a profile (package profiles) and its seed before
// the run: every arrival has its time, its kind, its user, key or client, and the
// same seed gives the same schedule. A [Runner] starts each arrival at that time
// whatever the answers before it did. A slow service cannot slow the load: when
// MaxInFlight arrivals are under way, the next one is dropped and counted, never
// delayed.
//
// [Config].AsFastAsPossible turns this off for runs that ask how much a target can
// take: a closed model, in which the target sets the pace.
//
// # Latency
//
// Each answer is timed twice, into HDR histograms of 1 µs to 60 s with three
// digits: from the intended start, which includes the time an arrival waited for
// its turn (free of coordinated omission), and from the actual start. Their
// difference shows when the machine of the load, not the service, was slow; the
// histogram of start lag says it outright.
//
// # What happened to the jobs
//
// A [Tracker] is told which jobs were accepted and how they ended, in any order,
// and waits until every accepted one is finished.
//
// # Several machines
//
// [Schedule].Segment is the part of a run that one of several machines sends. Each of them lays out the whole from the
// seed, so that they need not talk to each other; reports.MergeSegments puts their results together.
//
// # What it does not do
//
// It judges nothing: a [Summary] holds counts and latencies; package result judges
// a load, scenarios judge more. It knows the service only as a [Target]; package httptarget is one
// over HTTP, package redistarget one straight over a Redis. An answer of 429 is a correct answer of a rate limiter and is counted
// apart from errors.
//
// Everything here runs on the real clock and inside a testing/synctest bubble.
//
// The open model, the pacers as pure functions and the measuring from the
// intended start follow tsenart/vegeta (https://github.com/tsenart/vegeta) and
// wrk2 (https://github.com/giltene/wrk2).
package loadgen
