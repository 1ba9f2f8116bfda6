package thrift_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/system/thrift"
)

// Jobs of a group become one job, whoever adds them: asynq's aggregator asks for groups as often as ever, and the governor
// has to know of each.
func TestGroupsOfEverybodyAreAggregated(t *testing.T) {
	const survey = thrift.DefaultSurveyInterval
	grace := 2 * virtualTimes.grace // and the aggregator's own interval, which is as long
	for _, test := range []struct {
		name  string
		by    kind          // of the process that adds the jobs; the zero value is the worker itself
		bound time.Duration // until the aggregated job is done
	}{
		{name: "its own", bound: grace},
		{name: "of another governed process", by: kind{wake: true, producer: true}, bound: grace},
		{name: "of a plain process", by: kind{level: plain, producer: true}, bound: survey + grace},
	} {
		t.Run(test.name, func(t *testing.T) {
			timed(t, tested(), func(w *world, level thrift.Level) {
				p := w.start("worker", kind{level: level, wake: true})
				by, k, bound := p, test.by, test.bound
				if level == thrift.Off { // asynq looks at its queues now and then
					bound += virtualTimes.check * 3 / 2
				}
				if k.producer {
					if k.level == "" {
						k.level = level
					}
					by = w.start("adds", k)
				}
				w.passes(time.Minute)
				for round := range 2 { // a group that is empty again is not asked for, and may come back
					ids := []string{"a", "b", "c"}
					for i := range ids {
						ids[i] += strconv.Itoa(round)
						w.give(by, ids[i], options{group: "north"}, succeed)
					}
					w.passes(bound + time.Second)
					name := "north-" + ids[0] + "-" + ids[1] + "-" + ids[2]
					for _, id := range append(ids, name) {
						require.Equal(w.t, 1, w.journal.successes(id), "%s, round %d", id, round)
					}
					w.passes(10 * time.Minute)
				}
			})
		})
	}
}
