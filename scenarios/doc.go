// Package scenarios runs the service against the fakes and judges it.
//
// A scenario builds a [World] twice with the same seed: once for the baseline
// stage and once for the stage under test. A world is a fake Upstash, fake
// providers, a network with an added round trip, and the real service of the
// stage. Into both goes the same load (package loadgen). What is judged comes
// from outside the service: connections and billed commands from the fake's
// ledger, latencies from the load generator, job outcomes from the workers'
// events. The criteria are data (criteria/*.yaml); the outcome is a
// reports.Result.
//
// Stages are compared only on the same work: where the baseline lost arrivals or
// jobs, a command was refused, or (for latencies) the machine was busy with other
// things, the comparison is NO DATA.
//
// Provider calls fail in a share set by [Options.Failures], so that the success
// rate is earned by retries. Each queue is also given two probes beside the load:
// a job that fails once and must be retried, and a hopeless one that must be
// given up.
//
// What a stage costs in a month no window of seconds can tell: under thrift it does
// something each few minutes. Package month lives through one; [Options].Month is
// where a phase gets that figure from.
package scenarios
