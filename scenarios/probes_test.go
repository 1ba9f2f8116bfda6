package scenarios

import (
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/system/queue"
)

func completed(id string) queue.Event { return queue.Event{Kind: queue.Completed, JobID: id} }
func progress(id string) queue.Event  { return queue.Event{Kind: queue.Progress, JobID: id} }
func failed(id string, final bool) queue.Event {
	return queue.Event{Kind: queue.Failed, JobID: id, Final: final}
}

func TestProbesBookEvents(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		events []queue.Event
		want   Probe
		open   int
	}{
		"both as they should": {
			events: []queue.Event{failed("flaky", false), progress("flaky"), completed("flaky"), failed("hopeless", true)},
			want:   Probe{Retried: true, Completed: true, CompletedEvents: 1, FailedEvents: 2, ProgressEvents: 1},
		},
		"a flaky job that never failed was not retried": {
			events: []queue.Event{completed("flaky"), failed("hopeless", true)},
			want:   Probe{Completed: true, CompletedEvents: 1, FailedEvents: 1},
		},
		"a flaky job that was given up": {
			events: []queue.Event{failed("flaky", false), failed("flaky", true), failed("hopeless", true)},
			want:   Probe{Retried: true, FailedEvents: 3},
		},
		"a hopeless job that is retried first proves nothing of the flaky one": {
			events: []queue.Event{failed("hopeless", false), failed("hopeless", true)},
			want:   Probe{FailedEvents: 2}, open: 1,
		},
		"a hopeless job that was done proves nothing of the flaky one": {
			events: []queue.Event{completed("hopeless")},
			want:   Probe{CompletedEvents: 1}, open: 1,
		},
		"a job that is delivered twice ends once": {
			events: []queue.Event{completed("flaky"), completed("flaky")},
			want:   Probe{Completed: true, CompletedEvents: 2}, open: 1,
		},
		"a job of someone else": {
			events: []queue.Event{failed("other", false), completed("other")},
			open:   2,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, early := range []bool{true, false} { // before and after the ids are known
				p := newProbes()
				p.open = 2
				if !early {
					p.know(queue.TokenRefresh, "flaky", "hopeless")
				}
				for _, e := range tt.events {
					p.observe(e)
				}
				if early {
					p.know(queue.TokenRefresh, "flaky", "hopeless")
				}
				require.Equal(t, tt.want, *p.seen[queue.TokenRefresh])
				require.Equal(t, tt.open, p.open)
				select {
				case <-p.done:
					require.Zero(t, tt.open)
				default:
					require.NotZero(t, tt.open)
				}
			}
		})
	}
}

// What happens to jobs that are no probes fills no memory.
func TestProbesKeepNoForeignEvents(t *testing.T) {
	t.Parallel()
	p := newProbes()
	for range 2 * maxEarlyEvents {
		p.observe(completed("other"))
	}
	require.Len(t, p.early, maxEarlyEvents)
	p.sent, p.early = true, nil
	p.observe(completed("other"))
	require.Empty(t, p.early)
}
