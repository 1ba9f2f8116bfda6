package thrift_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"tollgate/system/thrift"
)

// timed runs a test in a bubble for each governed level, with the governor's own intervals.
func timed(t *testing.T, levels []thrift.Level, test func(w *world, level thrift.Level)) {
	t.Helper()
	for _, level := range levels {
		t.Run(string(level), func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				w := embeddedWorld(t)
				w.times.survey, w.times.fullSurvey, w.times.heartbeat, w.times.statistics = 0, 0, 0, 0 // the defaults
				w.guard(t, func() { test(w, level) })
			})
		})
	}
}

// give has a process enqueue a job of the first queue.
func (w *world) give(p *process, id string, given options, do ...act) {
	_, err := p.client.Enqueue(p.task(operation{verb: enqueueJob, queue: queueNames[0], id: id, job: do, options: given}))
	require.NoError(w.t, err)
}

// passesTo lets virtual time pass until so long after a moment.
func (w *world) passesTo(since time.Time, d time.Duration) { w.passes(time.Until(since.Add(d))) }

// counts are asynq's statistics of the first queue on a day: processed and failed then, and in all.
func (w *world) counts(day time.Time) [4]string {
	texts := w.snapshot().texts
	date, base := day.UTC().Format(time.DateOnly), "asynq:{"+queueNames[0]+"}:"
	return [4]string{texts[base+"processed:"+date], texts[base+"failed:"+date], texts[base+"processed"], texts[base+"failed"]}
}

// Statistics stay in the process for StatisticsInterval, counted from the first of them, and no longer.
func TestStatisticsAreWrittenAtTheirInterval(t *testing.T) {
	const interval, keep = thrift.DefaultStatisticsInterval, 90 * day // keep is asynq's, of the counters of a day
	timed(t, []thrift.Level{thrift.Lean, thrift.Full}, func(w *world, level thrift.Level) {
		p := w.start("worker", kind{level: level})
		w.passes(10 * time.Minute)
		first := time.Now()
		w.give(p, "a", options{}, succeed)
		w.passes(interval / 2)
		last := time.Now()
		w.give(p, "b", options{}, fail)
		w.passesTo(first, interval-time.Second)
		require.Equal(w.t, [4]string{}, w.counts(first), "before the interval is over")
		w.passesTo(first, interval+time.Second)
		require.Equal(w.t, [4]string{"2", "1", "2", "1"}, w.counts(first))
		for name, ttl := range w.snapshot().ttls {
			if strings.HasPrefix(name, "asynq:{") {
				require.Contains(w.t, name, first.UTC().Format(time.DateOnly), "what has a time to live")
				require.WithinDuration(w.t, last.Add(keep), time.Now().Add(ttl), time.Second, "end of %s", name)
			}
		}

		again := time.Now().Add(10 * time.Minute)
		w.passesTo(again, 0)
		w.give(p, "c", options{}, succeed)
		w.passesTo(again, interval-time.Second)
		require.Equal(w.t, [4]string{"2", "1", "2", "1"}, w.counts(first), "before the next interval is over")
		w.passesTo(again, interval+time.Second)
		require.Equal(w.t, [4]string{"3", "1", "3", "1"}, w.counts(first))
		ttl := w.snapshot().ttls["asynq:{"+queueNames[0]+"}:processed:"+first.UTC().Format(time.DateOnly)]
		require.WithinDuration(w.t, last.Add(keep), time.Now().Add(ttl), time.Second, "asynq sets the end once a day")
	})
}

// A job counts for the day on which it ended, however late that is written.
func TestStatisticsBelongToTheirDay(t *testing.T) {
	timed(t, []thrift.Level{thrift.Lean, thrift.Full}, func(w *world, level thrift.Level) {
		p := w.start("worker", kind{level: level})
		yesterday := w.began.Truncate(day)
		w.passesTo(yesterday, day-time.Minute)
		w.give(p, "a", options{}, succeed)
		w.passes(2 * time.Minute)
		w.give(p, "b", options{}, fail)
		w.passes(thrift.DefaultStatisticsInterval)
		require.Equal(w.t, [4]string{"1", "", "2", "1"}, w.counts(yesterday))
		require.Equal(w.t, [4]string{"1", "1", "2", "1"}, w.counts(yesterday.Add(day)))
	})
}

func TestStatisticsAreWrittenByFlushAndAtTheEnd(t *testing.T) {
	timed(t, []thrift.Level{thrift.Lean, thrift.Full}, func(w *world, level thrift.Level) {
		p := w.start("worker", kind{level: level})
		w.give(p, "a", options{}, succeed)
		w.passes(time.Second)
		require.Equal(w.t, [4]string{}, w.counts(w.began))
		require.NoError(w.t, p.governor.Flush(context.Background()))
		require.Equal(w.t, [4]string{"1", "", "1", ""}, w.counts(w.began))
		w.passes(thrift.DefaultStatisticsInterval / 2)
		w.give(p, "b", options{}, fail)
		w.passesTo(w.began, thrift.DefaultStatisticsInterval+time.Minute)
		require.Equal(w.t, [4]string{"1", "", "1", ""}, w.counts(w.began), "the interval begins anew")
		p.stop()
		require.Equal(w.t, [4]string{"2", "1", "2", "1"}, w.counts(w.began))
	})
}

// What plain processes do is seen at the next survey, not before, and nothing else has to happen for it.
func TestSurveySeesWhatPlainProcessesDo(t *testing.T) {
	const interval = thrift.DefaultSurveyInterval
	for _, test := range []struct {
		name    string
		prepare func(w *world, governed, outsider *process)
		do      func(w *world, outsider *process) // it lets the job "found" be done
		then    time.Duration                     // until the job is done after it was found
	}{
		{
			name: "a job",
			do:   func(w *world, outsider *process) { w.give(outsider, "found", options{}, succeed) },
		},
		{
			name: "a job that is due",
			do:   func(w *world, outsider *process) { w.give(outsider, "found", options{delay: "short"}, succeed) },
		},
		{
			name: "a job that is due before all that are known",
			prepare: func(w *world, governed, _ *process) {
				w.give(governed, "known", options{delay: "far"}, succeed)
			},
			do: func(w *world, outsider *process) { w.give(outsider, "found", options{delay: "short"}, succeed) },
		},
		{
			name: "an archived job is run",
			prepare: func(w *world, governed, _ *process) {
				require.NoError(w.t, governed.inspector.PauseQueue(queueNames[0]))
				w.give(governed, "found", options{}, succeed)
				require.NoError(w.t, governed.inspector.ArchiveTask(queueNames[0], "found"))
				require.NoError(w.t, governed.inspector.UnpauseQueue(queueNames[0]))
			},
			do: func(w *world, outsider *process) {
				require.NoError(w.t, outsider.inspector.RunTask(queueNames[0], "found"))
			},
		},
		{
			name: "a queue goes on",
			prepare: func(w *world, governed, _ *process) {
				require.NoError(w.t, governed.inspector.PauseQueue(queueNames[0]))
				w.give(governed, "found", options{}, succeed)
			},
			do: func(w *world, outsider *process) {
				require.NoError(w.t, outsider.inspector.UnpauseQueue(queueNames[0]))
			},
		},
		{
			name: "a job of a group",
			do:   func(w *world, outsider *process) { w.give(outsider, "found", options{group: "north"}, succeed) },
			then: 2 * virtualTimes.grace,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			timed(t, governed, func(w *world, level thrift.Level) {
				p, outsider := w.start("worker", kind{level: level}), w.start("outsider", kind{level: plain, producer: true})
				if test.prepare != nil {
					test.prepare(w, p, outsider)
				}
				w.passesTo(w.began, interval+time.Minute)
				test.do(w, outsider)
				w.passesTo(w.began, 2*interval-time.Second)
				require.Zero(w.t, w.journal.successes("found"), "before the survey")
				w.passesTo(w.began, 2*interval+time.Second+test.then)
				require.Equal(w.t, 1, w.journal.successes("found"), "after the survey")
			})
		})
	}
}

// completed are the finished jobs of the first queue whose retention is not over.
func (w *world) completed() (ids []string) {
	for id := range w.snapshot().zsets["asynq:{"+queueNames[0]+"}:completed"] {
		ids = append(ids, id)
	}
	return ids
}

// A set that is known to be in use is looked at by the full survey only: a plain worker completed a job in it that is to
// go earlier than all that are known.
func TestFullSurveyCorrectsWhatIsBelieved(t *testing.T) {
	const interval = 6*time.Hour + 2*time.Minute // no multiple of the survey's
	timed(t, governed, func(w *world, level thrift.Level) {
		w.times.fullSurvey, w.times.short = interval, time.Hour
		p := w.start("worker", kind{level: level})
		w.give(p, "known", options{retention: "far"}, succeed)
		w.passes(time.Second)
		other := w.start("other", kind{level: plain})
		w.give(other, "theirs", options{retention: "short"}, succeed)
		w.passes(10 * time.Second)
		other.stop()
		require.ElementsMatch(w.t, []string{"known", "theirs"}, w.completed())
		w.passesTo(w.began, interval-time.Second)
		require.ElementsMatch(w.t, []string{"known", "theirs"}, w.completed(), "before the full survey")
		w.passesTo(w.began, interval+virtualTimes.janitor+time.Second)
		require.Equal(w.t, []string{"known"}, w.completed(), "after the full survey")
	})
}

// Jobs that were fetched while others ended quickly wait 10 s for a worker, then go back, and another process takes them.
func TestJobsFetchedInVainGoBack(t *testing.T) {
	const patience, free = 10 * time.Second, concurrency - 1
	timed(t, []thrift.Level{thrift.Full}, func(w *world, level thrift.Level) {
		a := w.start("a", kind{level: level})
		w.passes(time.Second)
		w.give(a, "early", options{timeout: "far"}, hold)
		w.passes(time.Second)
		require.NoError(w.t, a.inspector.PauseQueue(queueNames[0]))
		for i := range free {
			w.give(a, "quick"+strconv.Itoa(i), options{}, succeed)
		}
		for i := range 2 * free {
			w.give(a, "long"+strconv.Itoa(i), options{timeout: "far"}, hold)
		}
		began := time.Now()
		require.NoError(w.t, a.inspector.UnpauseQueue(queueNames[0]))
		w.passes(time.Second)
		s := w.snapshot()
		require.Len(w.t, w.journal.held(time.Time{}), 1+free)
		require.Len(w.t, s.lists["asynq:{"+queueNames[0]+"}:active"], 1+2*free, "as many again are fetched")
		require.Len(w.t, s.zsets["asynq:{"+queueNames[0]+"}:lease"], 1+2*free)

		w.start("b", kind{level: plain})
		w.passesTo(began, patience-time.Second)
		require.Len(w.t, w.journal.held(time.Time{}), 1+free, "before their time is over")
		w.passesTo(began, patience+virtualTimes.check*3/2) // which is when asynq looks at the latest
		require.Len(w.t, w.journal.held(time.Time{}), 1+2*free, "after it")
		for i := range free {
			require.True(w.t, w.journal.works(a, "long"+strconv.Itoa(i)), "those that came first stay")
		}
		w.journal.let()
		w.passes(2 * virtualTimes.check)
		for try, n := range w.journal.tries() {
			require.Equal(w.t, 1, n, "%v", try)
		}
		require.Len(w.t, w.journal.all(), 1+3*free)
	})
}

// asynq's shutdown waits for looks at the queues, which wait for jobs, when nobody ended them by Quiesce. Several that
// follow each other do not add up, also while jobs are due all the time.
func TestLooksAtQueuesEnd(t *testing.T) {
	for _, busy := range []bool{false, true} {
		for _, phase := range []time.Duration{0, 1700 * time.Millisecond, 3400 * time.Millisecond, 5100 * time.Millisecond} {
			t.Run(fmt.Sprintf("busy=%v/%v", busy, phase), func(t *testing.T) {
				timed(t, governed, func(w *world, level thrift.Level) {
					p := w.start("worker", kind{level: level})
					for i := range 120 {
						if w.times.short = time.Duration(i) * 2 * time.Second; busy {
							w.give(p, strconv.Itoa(i), options{delay: "short"}, succeed)
						}
					}
					w.passes(time.Minute + phase)
					began := time.Now()
					p.server.Shutdown()
					took := time.Since(began)
					p.stop()
					require.LessOrEqual(w.t, took, 11*time.Second)
				})
			})
		}
	}
}

// A Redis that refuses everything is asked after a tenth of a second, then more and more seldom, and the log hears twice.
func TestPausesOfTheBreaker(t *testing.T) {
	const first, longest, grace = 100 * time.Millisecond, 4 * time.Second, 3 * refusal
	timed(t, governed, func(w *world, level thrift.Level) {
		watch, log := &gate{concerns: func(redis.Cmder) bool { return true }}, &bytes.Buffer{}
		w.sabotage, w.logger = watch, slog.New(slog.NewTextHandler(log, nil))
		w.start("worker", kind{level: level})
		outsider := w.start("outsider", kind{level: plain, producer: true})
		for round := 1; round <= 2; round++ {
			w.passes(time.Minute)
			failing := time.Now()
			watch.shut(errors.New("ERR internal error"))
			w.passes(thrift.DefaultSurveyInterval + time.Minute)
			pauses := watch.since(failing)
			require.Greater(w.t, len(pauses), 12, "in more than a minute")
			different := map[time.Duration]bool{}
			for i, pause := range pauses {
				want := min(longest, first<<min(i, 10))
				require.GreaterOrEqual(w.t, pause, want*3/4, "pause %d of %v", i, pauses)
				require.LessOrEqual(w.t, pause, want*5/4+grace, "pause %d of %v", i, pauses)
				different[pause.Round(time.Millisecond)] = true
			}
			require.Greater(w.t, len(different), len(pauses)/2, "they are spread: %v", pauses)

			id := fmt.Sprintf("meanwhile%d", round)
			w.give(outsider, id, options{}, succeed)
			watch.shut(nil)
			w.passes(longest*5/4 + time.Second)
			require.Equal(w.t, 1, w.journal.successes(id), "what came meanwhile is found by the first probe that is answered")
			require.Equal(w.t, round, strings.Count(log.String(), "level=WARN"), log)
			require.Equal(w.t, round, strings.Count(log.String(), "Redis fails"), log)
			require.Equal(w.t, round, strings.Count(log.String(), "Redis answers again"), log)
		}
	})
}

// While the plan's commands are used up, one a minute asks whether that is over.
func TestPausesOfTheBreakerWhenTheQuotaIsSpent(t *testing.T) {
	timed(t, governed, func(w *world, level thrift.Level) {
		watch, log := &gate{concerns: func(redis.Cmder) bool { return true }}, &bytes.Buffer{}
		w.sabotage, w.logger = watch, slog.New(slog.NewTextHandler(log, nil))
		w.start("worker", kind{level: level})
		w.passes(time.Minute)
		failing := time.Now()
		watch.shut(errors.New("ERR max requests limit exceeded. Limit: 500000, Usage: 500000."))
		w.passes(thrift.DefaultSurveyInterval + 10*time.Minute)
		pauses := watch.since(failing)
		require.GreaterOrEqual(w.t, len(pauses), 9)
		for _, pause := range pauses {
			require.InDelta(w.t, time.Minute, pause, float64(3*refusal), "%v", pauses)
		}
		watch.shut(nil)
		w.passes(time.Minute + time.Second)
		require.Equal(w.t, 1, strings.Count(log.String(), "Redis fails"), log)
		require.Equal(w.t, 1, strings.Count(log.String(), "Redis answers again"), log)
	})
}

// asynq extends a lease each 5 s; Redis is told when less than 15 s are left.
func TestLeasesAreWrittenWhenTheyAreShort(t *testing.T) {
	const least, beat = 15 * time.Second, 5 * time.Second
	timed(t, governed, func(w *world, level thrift.Level) {
		watch := &gate{concerns: func(cmd redis.Cmder) bool {
			return cmd.Name() == "zadd" && strings.HasSuffix(fmt.Sprint(cmd.Args()[1]), ":lease") && cmd.Args()[2] == "xx"
		}}
		w.sabotage = watch
		p := w.start("worker", kind{level: level})
		w.passes(1300 * time.Millisecond) // somewhere between two extensions
		w.held(p, "long")
		began := time.Now()
		for time.Since(began) < 3*time.Minute {
			require.GreaterOrEqual(w.t, w.slack("long"), least-beat-time.Second)
			w.passes(time.Second)
		}
		pauses := watch.since(began)
		require.GreaterOrEqual(w.t, len(pauses), 7)
		for _, pause := range pauses {
			require.GreaterOrEqual(w.t, pause, least, "%v", pauses)
			require.LessOrEqual(w.t, pause, least+beat, "%v", pauses)
		}
	})
}

// A process that Redis was gone for longer than a lease finds the job that it gave up itself.
func TestJobThatWasGivenUpIsFoundByItsOwnProcess(t *testing.T) {
	timed(t, governed, func(w *world, level thrift.Level) {
		p := w.start("worker", kind{level: level})
		w.held(p, "long")
		w.passes(20 * time.Second)
		p.line.cutOff(true)
		w.passes(time.Minute)
		require.Empty(w.t, w.journal.held(time.Time{}))
		p.line.cutOff(false)
		back := time.Now()
		for w.journal.successes("long") == 0 {
			require.Less(w.t, time.Since(back), thrift.DefaultSurveyInterval+2*time.Minute, "nobody takes the job")
			w.passes(time.Second)
		}
		require.Equal(w.t, map[run]int{{"long", 0}: 1, {"long", 1}: 1}, w.journal.tries())
	})
}

// Jobs that are due start in their second, as asynq reckons it, whoever scheduled them and at whatever moment.
func TestDueJobsStartInTime(t *testing.T) {
	const bound = 200 * time.Millisecond
	timed(t, governed, func(w *world, level thrift.Level) {
		w.times.retry = 2 * time.Second
		p := w.start("worker", kind{level: level, wake: true})
		producer := w.start("producer", kind{level: level, wake: true, producer: true})
		w.passes(10*time.Second + 130*time.Millisecond)
		due := map[string]time.Time{}
		for i := range 12 {
			w.times.short = 3*time.Second + time.Duration(i%5)*1370*time.Millisecond
			for _, by := range []*process{p, producer} {
				id := fmt.Sprintf("%s%d", by.name, i)
				due[id] = time.Unix(time.Now().Add(w.times.short).Unix(), 0)
				w.give(by, id, options{delay: "short"}, succeed)
			}
			id := fmt.Sprintf("retried%d", i)
			due[id] = time.Unix(time.Now().Add(w.times.retry).Unix(), 0)
			w.give(p, id, options{maxRetry: 1}, fail, succeed)
			w.passes(710 * time.Millisecond)
		}
		w.passes(20 * time.Second)
		for id, at := range due {
			late := w.journal.startOf(id).Sub(at)
			require.GreaterOrEqual(w.t, late, time.Duration(0), "%s", id)
			require.LessOrEqual(w.t, late, bound, "%s", id)
			require.Equal(w.t, 1, w.journal.successes(id), "%s", id)
		}
	})
}
