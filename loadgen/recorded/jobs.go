package recorded

import (
	"strings"

	"tollgate/loadgen/profiles"
)

// addingScripts are the scripts that write new jobs, by SHA-1. Each calls HSET once for each job that it adds, and for
// nothing else.
var addingScripts = map[string]bool{
	"98d28b42650870a743450ffda9791e9e19c6991b": true, // asynq v0.26: enqueue
	"297b3f9abfd963a3316434ef9d88fc5bf8a7ddc3": true, // asynq v0.26: enqueue unique
	"8ce6b38a99b73194585c251eb3c2a89559f37a87": true, // asynq v0.26: schedule
	"e9b8aa859a976a1fce09eaf723b4fccd02ba799e": true, // asynq v0.26: schedule unique
	"074af2c5a4623800684c1b0e4e328c2500f06815": true, // asynq v0.26: add to group
	"deeb77b98fd021a8a0279d8e7dd11a8a4546611a": true, // asynq v0.26: add to group, unique
	"94b0b1ee0d12fef30ea4f8be51f471a596da5c14": true, // thrift: add
}

const (
	hset = "HSET"
	// jobCost is what a job costs with plain asynq, the dearest way: 4 to enqueue, 7 to dequeue, 7 when it is done.
	jobCost = 18
)

// jobs counts the jobs that were added: by scripts, and by HSETs of their own, as thrift does where an ID is new.
func (a account) jobs() (byScripts, byThemselves int64) {
	for _, s := range a.Scripts {
		if !addingScripts[s.SHA1] {
			continue
		}
		for _, c := range s.Calls {
			if c.Name == hset {
				byScripts += c.Times
			}
		}
	}
	for _, c := range a.Components {
		if c.Name == "queues" || strings.HasPrefix(c.Name, "queue:") {
			byThemselves += c.count(hset).Wire
		}
	}
	return byScripts, byThemselves
}

// weights says in which proportions the reference's queues had these jobs, and where that comes from.
func (a account) weights(jobs int64, reference profiles.Profile) (weights map[string]int, from string) {
	weights = make(map[string]int, len(reference.Jobs))
	for queue := range reference.Jobs {
		weights[queue] = 0
	}
	if a.weighProducers(weights) {
		return weights, "by queue as their producers' connections (components queue:NAME:client) wrote them"
	}
	if a.weighGroups(weights, jobs) {
		return weights, "by queue in proportion to the billed commands that went to the keys of each (groups)"
	}
	return reference.Jobs, "by queue as in " + reference.Name + ", since the account cannot tell them apart"
}

// weighProducers counts what each queue's own producer wrote.
func (a account) weighProducers(weights map[string]int) (found bool) {
	for _, c := range a.Components {
		queue, ours := strings.CutPrefix(c.Name, "queue:")
		queue, producer := strings.CutSuffix(queue, ":client")
		if _, known := weights[queue]; !ours || !producer || !known {
			continue
		}
		written := c.count(hset)
		weights[queue] += int(written.Wire + written.Inner)
		found = found || weights[queue] > 0
	}
	return found
}

// weighGroups takes what went to each queue's keys, if at least half of it can be the jobs': the rest is polling, which is
// the same for all queues.
func (a account) weighGroups(weights map[string]int, jobs int64) bool {
	sum := int64(0)
	for _, g := range a.Groups {
		if _, known := weights[g.Name]; known {
			sum += g.Billed
		}
	}
	if sum == 0 || jobCost*jobs < sum/2 {
		return false
	}
	for _, g := range a.Groups {
		if _, known := weights[g.Name]; known {
			weights[g.Name] += int(g.Billed)
		}
	}
	return true
}
