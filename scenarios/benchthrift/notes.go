package benchthrift

import "fmt"

// notes are what the reader of a section's rows has to know.
func (s *suite) notes(section string) []string {
	return map[string][]string{
		"rest": {fmt.Sprintf("rest: every command is counted over %v of virtual time for governed asynq and %v for plain asynq, and scaled to 30 days; "+
			"start and stop come on top, once for each process.", s.Month, s.PlainRest)},
		"one-at-a-time": {
			fmt.Sprintf("one-at-a-time: %d jobs over all queues in turn, each added %v (fake, virtual time) or %v (redis-server) after the end of the one before; "+
				"plain asynq does a %dth of them on redis-servers. Counted until after the stop, which writes deferred statistics.",
				s.Jobs, virtualGap, realGap, plainSingleShare),
			"one-at-a-time: plain asynq's looks at empty queues, heartbeats and goodbyes are left out (with them: the note of each figure in the JSON); " +
				"of ours nothing is left out.",
		},
		"at-once": {fmt.Sprintf("at-once: %d jobs from %d goroutines, concurrency %d (per queue: an eleventh, rounded up); everything is counted, "+
			"the stop too.", s.Jobs, producers, concurrency)},
		"latency": {fmt.Sprintf("latency: %d jobs (plain asynq: a %dth), a random gap of %v on average after each (plain: %v), governed variants one after the other; "+
			"another process is one with a client and governor of its own in this program.", s.Samples, plainSamplesShare, governedSparseGap, plainSparseGap)},
		"throughput": {fmt.Sprintf("throughput: %d jobs from %d goroutines, concurrency %d, from the first enqueue to the end of the last job; "+
			"median of %d rounds.", s.Throughput, producers, concurrency, s.Rounds)},
		"distance": {fmt.Sprintf("distance: %d jobs in every variant, concurrency %d; every answer arrives %v later. Added before: from the worker's start.",
			s.Distance, concurrency, s.RTT)},
		"cpu": {fmt.Sprintf("cpu: user and system time of a process of its own, over %v, %v after its start.", s.CPUWindow, settleTime)},
	}[section]
}
