package month

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/scenarios/bubble"
	"tollgate/system/config"
)

// BenchmarkIdlePolling lives through virtual time in which plain asynq looks for jobs in eleven queues and finds none: what a
// virtual hour, and so a virtual day, of a stage without thrift costs. It reports virtual seconds per second. For a virtual
// day, on one core as a child of verify has it:
//
//	go test -run '^$' -bench IdlePolling/legacy -benchtime 144x -cpu 1 ./scenarios/month
func BenchmarkIdlePolling(b *testing.B) {
	for _, stage := range []config.Stage{config.StageLegacy, config.StagePhase1} {
		b.Run(string(stage), func(b *testing.B) {
			const each = 10 * time.Minute
			b.ReportAllocs()
			passed := testing.RunTests(func(string, string) (bool, error) { return true, nil }, []testing.InternalTest{{
				Name: b.Name(), F: func(t *testing.T) { // only a test can begin a bubble
					task := stretch(t, stage, time.Duration(b.N)*each)
					task.Warm, task.Idle = time.Minute, true
					o := simulate(t, task, &bubble.Outside{})
					require.InEpsilon(t, 55*task.Length.Seconds(), o.Account.Total.Billed, 0.1, "it was polled")
				},
			}})
			require.True(b, passed)
			b.ReportMetric(float64(b.N)*each.Seconds()/b.Elapsed().Seconds(), "virtual-s/s")
		})
	}
}
