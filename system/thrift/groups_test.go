package thrift_test

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
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

// last kills a process at its first command that has a word.
type last struct {
	word string
	die  func()
	once *sync.Once
}

func (h last) DialHook(next redis.DialHook) redis.DialHook { return next }

func (h last) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		h.look(cmd)
		return next(ctx, cmd)
	}
}

func (h last) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		h.look(cmds...)
		return next(ctx, cmds)
	}
}

func (h last) look(cmds ...redis.Cmder) {
	for _, cmd := range cmds {
		if strings.Contains(fmt.Sprint(cmd.Args()...), h.word) {
			h.once.Do(h.die)
		}
	}
}

// A process dies after it took the jobs of a group and before it added the one job that it made of them. asynq gives them back
// to the group and does not list the group: they wait for the next job of the group. So it is with governors, too.
func TestGroupThatCameBackWaitsForItsNextJob(t *testing.T) {
	timed(t, append([]thrift.Level{plain}, tested()...), func(w *world, level thrift.Level) {
		p := w.start("worker", kind{level: level, wake: true})
		w.passes(time.Minute)
		p.redis.AddHook(last{word: "north-a", die: p.crash, once: &sync.Once{}})
		w.give(p, "a", options{group: "north"}, succeed)
		w.passes(time.Minute)
		require.False(w.t, p.isRunning())
		p = w.start("worker", kind{level: level, wake: true})
		w.passes(20 * time.Minute)
		require.Zero(w.t, w.journal.successes("a"))
		require.Contains(w.t, w.snapshot().zsets["asynq:{alpha}:g:north"], "a")
		w.give(p, "b", options{group: "north"}, succeed)
		w.passes(time.Minute)
		require.Equal(w.t, 1, w.journal.successes("a"))
		require.Equal(w.t, 1, w.journal.successes("b"))
	})
}
