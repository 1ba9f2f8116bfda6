package thrift_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/system/thrift"
)

// What TestEveryKeyAfterCrashesOnRedis plays: so many sequences without -thrift.sequences, and so many steps of each.
const (
	sequencesWithCrashes = 8
	stepsWithCrashes     = 18
)

// onRequest skips a test that takes minutes of the real clock unless it is asked for.
func onRequest(t *testing.T) {
	t.Helper()
	if !*crashes {
		t.Skip("takes minutes: make test-crash")
	}
}

// The same as TestEveryKeyIsAsPlainAsynqLeavesItOnRedis with processes that crash, in each sequence one of them with a job.
// All sequences, levels and the plain twins run at the same time, as what takes long is asynq's wait for the end of leases.
func TestEveryKeyAfterCrashesOnRedis(t *testing.T) {
	onRequest(t)
	t.Parallel()
	n := *sequences
	if n == 0 {
		n = sequencesWithCrashes
	}
	var all []sequence
	for seed := *firstSeed; len(all) < n; seed++ {
		if s := settledSequence(seed, true, stepsWithCrashes); s.robs() {
			all = append(all, s)
		}
	}
	robbed := 0
	for i, outcomes := range playOnRedis(t, crashTimes, all...) {
		s := all[i]
		t.Run(fmt.Sprintf("seed-%d", s.seed), func(t *testing.T) {
			atEveryLevel(t, func(t *testing.T, level thrift.Level) {
				o := outcomes[level]
				require.Empty(t, o.differences(outcomes[plain], s.tolerance(crashTimes)), "%s", s)
				robbed += o.robbed
				t.Logf("seed %d, %s: %d operations, %d tries of jobs begun, %d processes crashed with a job, %d keys of asynq at the end; %v",
					s.seed, level, len(o.answers), len(o.tries), o.robbed, o.state.size(), o.took)
			})
		})
	}
	require.Positive(t, robbed, "no process crashed with a job")
}

// robs says whether a process is to crash while it works a job that holds.
func (s sequence) robs() bool {
	held, known := "", map[string]bool{}
	for _, step := range s.steps {
		for _, o := range step.operations {
			switch {
			case o.verb == enqueueJob && o.job[0] == hold && o.options.timeout == "far" && !known[o.id]:
				held = o.id
			case o.verb == stopHolder, o.verb == cancelJob && o.id == held:
				held = ""
			case o.verb == crashHolder && held != "":
				return true
			}
			known[o.id] = true
		}
	}
	return false
}

// size is how many keys there are.
func (s snapshot) size() int {
	return len(s.lists) + len(s.sets) + len(s.zsets) + len(s.hashes) + len(s.texts)
}
