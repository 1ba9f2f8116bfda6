package thrift_test

import (
	"flag"
	"testing"

	"tollgate/system/thrift"
)

// governed are the levels that these tests hold to what a Governor promises.
var governed = []thrift.Level{thrift.Quiet, thrift.Lean, thrift.Full}

// tested are all levels that the tests run at. Off comes first and documents what plain asynq does.
func tested() []thrift.Level {
	if underRace {
		return governed
	}
	return append([]thrift.Level{thrift.Off}, governed...)
}

// atEveryLevel runs a subtest for each level.
func atEveryLevel(t *testing.T, test func(t *testing.T, level thrift.Level)) {
	t.Helper()
	for _, level := range tested() {
		t.Run(string(level), func(t *testing.T) { test(t, level) })
	}
}

// Flags of the random tests. To run one seed again: go test ./system/thrift -run NAME -thrift.seed SEED -thrift.sequences 1.
var (
	sequences = flag.Int("thrift.sequences", 0, "random sequences of each test of random sequences; 0 for 2, or 1 under the race detector")
	shrinking = flag.Int("thrift.shrink", 40, "attempts to find a shorter sequence that fails too")
	crashes   = flag.Bool("thrift.crash", false, "run the tests of crashes on redis-servers, which take minutes")
	firstSeed = flag.Uint64("thrift.seed", 1, "seed of the first random sequence; the next has the next")
)

// underRace is true under the race detector, which makes everything ten times as long.
var underRace bool

// seeds are those of the random sequences.
func seeds() (all []uint64) {
	n := *sequences
	switch {
	case n == 0 && underRace:
		n = 1
	case n == 0:
		n = 2
	}
	for i := range uint64(n) {
		all = append(all, *firstSeed+i)
	}
	return all
}
