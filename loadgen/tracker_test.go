package loadgen_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tollgate/loadgen"
)

// outcome returns the total without its latency.
func outcome(t require.TestingT, tracker *loadgen.Tracker) loadgen.QueueOutcome {
	o, err := tracker.Outcomes()
	require.NoError(t, err)
	o.Total.Completion = loadgen.Latency{}
	return o.Total
}

func TestTracker(t *testing.T) {
	type tr = *loadgen.Tracker
	accept := func(t tr) { t.Accepted("a", "q", time.Now()) }
	succeed := func(t tr) { t.Succeeded("a") }
	retry := func(t tr) { t.Failed("a", false) }
	archive := func(t tr) { t.Failed("a", true) }
	for _, tc := range []struct {
		name  string
		steps []func(tr)
		want  loadgen.QueueOutcome
	}{
		{"nothing yet", []func(tr){accept}, loadgen.QueueOutcome{Accepted: 1, Outstanding: 1}},
		{"done", []func(tr){accept, succeed}, loadgen.QueueOutcome{Accepted: 1, Succeeded: 1}},
		{"done before accepted", []func(tr){succeed, accept}, loadgen.QueueOutcome{Accepted: 1, Succeeded: 1}},
		{"retried", []func(tr){accept, retry, retry, succeed}, loadgen.QueueOutcome{Accepted: 1, Succeeded: 1, Retried: 1, Recovered: 1, Retries: 2}},
		{"retried before accepted", []func(tr){retry, accept, retry, succeed}, loadgen.QueueOutcome{Accepted: 1, Succeeded: 1, Retried: 1, Recovered: 1, Retries: 2}},
		{"waiting for its retry", []func(tr){accept, retry}, loadgen.QueueOutcome{Accepted: 1, Outstanding: 1, Retried: 1, Retries: 1}},
		{"given up", []func(tr){accept, retry, archive}, loadgen.QueueOutcome{Accepted: 1, Archived: 1, Retried: 1, Retries: 1}},
		{"given up before accepted", []func(tr){archive, accept}, loadgen.QueueOutcome{Accepted: 1, Archived: 1}},
		{"given up twice", []func(tr){accept, archive, archive}, loadgen.QueueOutcome{Accepted: 1, Archived: 1}},
		{"run again from the archive", []func(tr){accept, archive, succeed}, loadgen.QueueOutcome{Accepted: 1, Succeeded: 1}},
		{"the same before accepted", []func(tr){archive, succeed, accept}, loadgen.QueueOutcome{Accepted: 1, Succeeded: 1}},
		{"done three times", []func(tr){accept, succeed, succeed, succeed}, loadgen.QueueOutcome{Accepted: 1, Succeeded: 1, Duplicates: 2}},
		{"done three times, accepted late", []func(tr){succeed, succeed, accept, succeed}, loadgen.QueueOutcome{Accepted: 1, Succeeded: 1, Duplicates: 2}},
		{"failed after it was done", []func(tr){accept, succeed, archive}, loadgen.QueueOutcome{Accepted: 1, Succeeded: 1}},
		{"accepted twice", []func(tr){accept, accept, succeed}, loadgen.QueueOutcome{Accepted: 1, Succeeded: 1, DuplicateIDs: 1}},
		{"never accepted here", []func(tr){succeed}, loadgen.QueueOutcome{}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tracker := loadgen.NewTracker()
			for _, step := range tc.steps {
				step(tracker)
			}
			require.Equal(t, tc.want, outcome(t, tracker))
			require.Equal(t, tc.want.Succeeded+tc.want.Archived, tracker.Ended())
		})
	}
}

func TestOutcomesPerQueue(t *testing.T) {
	tracker := loadgen.NewTracker()
	now := time.Now()
	for i := range 4 {
		tracker.Accepted(fmt.Sprint("b", i), "beta", now)
	}
	tracker.Accepted("a0", "alpha", now)
	for i := range 3 {
		tracker.Succeeded(fmt.Sprint("b", i))
	}
	tracker.Failed("b3", true)
	tracker.Succeeded("child") // handed in by a job
	o, err := tracker.Outcomes()
	require.NoError(t, err)
	require.Equal(t, "alpha", o.Queues[0].Queue)
	require.Equal(t, int64(1), o.Unclaimed)
	rate, ok := o.Queue("beta").SuccessRate()
	require.True(t, ok)
	require.InDelta(t, 0.75, rate, 1e-9)
	rate, ok = o.Queue("alpha").SuccessRate()
	require.True(t, ok)
	require.Zero(t, rate, "outstanding is not succeeded")
	_, ok = o.Queue("gamma").SuccessRate()
	require.False(t, ok, "no data is not a rate")
	rate, _ = o.Total.SuccessRate()
	require.InDelta(t, 0.6, rate, 1e-9)
}

func TestCompletionIsTimed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tracker := loadgen.NewTracker()
		tracker.Succeeded("fast")
		time.Sleep(time.Second)
		tracker.Accepted("fast", "q", time.Now())
		tracker.Accepted("slow", "q", time.Now())
		time.Sleep(250 * time.Millisecond)
		tracker.Succeeded("slow")
		o, err := tracker.Outcomes()
		require.NoError(t, err)
		require.Equal(t, int64(2), o.Total.Completion.Count)
		require.Zero(t, o.Total.Completion.Min)
		require.InEpsilon(t, 250*time.Millisecond, o.Total.Completion.Max, 0.002)
	})
}

func TestWaitReturnsWhenAllHaveEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tracker := loadgen.NewTracker()
		require.NoError(t, tracker.Wait(t.Context()), "nothing to wait for")
		start := time.Now()
		tracker.Accepted("a", "q", start)
		tracker.Accepted("b", "q", start)
		time.AfterFunc(2*time.Second, func() { tracker.Failed("a", true) })
		time.AfterFunc(5*time.Second, func() { tracker.Succeeded("b") })
		require.NoError(t, tracker.Wait(t.Context()))
		require.Equal(t, 5*time.Second, time.Since(start))
	})
}

func TestWaitIsBoundedAndCountsWhatIsOpen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tracker := loadgen.NewTracker()
		for i, queue := range []string{"beta", "alpha", "beta"} {
			tracker.Accepted(fmt.Sprint(i), queue, time.Now())
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		err := tracker.Wait(ctx)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.EqualError(t, err, "loadgen: 3 accepted jobs have not ended (alpha 1, beta 2): context deadline exceeded")
	})
}

func TestUnclaimedEventsAreCapped(t *testing.T) {
	tracker := loadgen.NewTracker()
	for i := range loadgen.MaxUnclaimed + 5 {
		tracker.Succeeded(fmt.Sprint(i))
	}
	o, err := tracker.Outcomes()
	require.NoError(t, err)
	require.Equal(t, int64(loadgen.MaxUnclaimed), o.Unclaimed)
	require.Equal(t, int64(5), o.LostEvents)
	tracker.Accepted("0", "q", time.Now())
	o, err = tracker.Outcomes()
	require.NoError(t, err)
	require.Equal(t, int64(loadgen.MaxUnclaimed-1), o.Unclaimed)
}

// Whatever the order in which events and acceptances arrive, the account is the
// same; only a job whose end comes before its last event may differ, so each job
// here has one end.
func TestOrderDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		type event func(*loadgen.Tracker)
		var events []event
		want := loadgen.QueueOutcome{}
		for i := range rapid.IntRange(0, 20).Draw(t, "jobs") {
			id := fmt.Sprint(i)
			events = append(events, func(tr *loadgen.Tracker) { tr.Accepted(id, "q", time.Now()) })
			want.Accepted++
			retries := rapid.IntRange(0, 3).Draw(t, "retries")
			for range retries {
				events = append(events, func(tr *loadgen.Tracker) { tr.Failed(id, false) })
			}
			want.Retries += int64(retries)
			end := rapid.IntRange(0, 3).Draw(t, "end")
			if retries > 0 {
				want.Retried++
				if end >= 2 {
					want.Recovered++
				}
			}
			switch end {
			case 0:
				want.Outstanding++
			case 1:
				events = append(events, func(tr *loadgen.Tracker) { tr.Failed(id, true) })
				want.Archived++
			case 2:
				events = append(events, func(tr *loadgen.Tracker) { tr.Succeeded(id) })
				want.Succeeded++
			case 3:
				events = append(events, func(tr *loadgen.Tracker) { tr.Succeeded(id) }, func(tr *loadgen.Tracker) { tr.Succeeded(id) })
				want.Succeeded++
				want.Duplicates++
			}
		}
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "order"), 1))
		random.Shuffle(len(events), func(i, j int) { events[i], events[j] = events[j], events[i] })
		tracker := loadgen.NewTracker()
		for _, e := range events {
			e(tracker)
		}
		require.Equal(t, want, outcome(t, tracker))
	})
}

// Workers and those who hand in jobs race each other.
func TestTrackerUnderConcurrency(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const jobs, parties = 400, 4
		tracker := loadgen.NewTracker()
		for party := range parties {
			go func() {
				for i := range jobs {
					id := fmt.Sprint(party, "-", i)
					go tracker.Succeeded(id)
					tracker.Accepted(id, "q", time.Now())
				}
			}()
		}
		synctest.Wait()
		require.NoError(t, tracker.Wait(t.Context()))
		require.Equal(t, loadgen.QueueOutcome{Accepted: jobs * parties, Succeeded: jobs * parties}, outcome(t, tracker))
	})
}
