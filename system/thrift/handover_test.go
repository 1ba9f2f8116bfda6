package thrift_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A process that stops tells the others of the retries that it would have started: they do not wait for the survey.
func TestStopHandsRetriesOver(t *testing.T) {
	for _, level := range governed {
		t.Run(string(level), func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				w := embeddedWorld(t)
				w.times.survey, w.times.fullSurvey, w.times.retry = time.Hour, 24*time.Hour, time.Minute
				w.start("stays", kind{level: level, wake: true})
				w.passes(time.Second)
				leaves := w.start("leaves", kind{level: level, wake: true})
				w.passes(time.Second)
				// As many as both have workers: some are run, and retried, by the one that leaves.
				for _, id := range []string{"j0", "j1", "j2", "j3"} {
					task := leaves.task(operation{verb: enqueueJob, queue: "alpha", id: id, job: []act{fail, succeed}, options: options{maxRetry: 3}})
					_, err := leaves.client.Enqueue(task)
					require.NoError(t, err)
				}
				w.passes(5 * time.Second)
				leaves.stop()
				w.passes(2 * time.Minute)
				for _, id := range []string{"j0", "j1", "j2", "j3"} {
					require.Equal(t, 1, w.journal.successes(id), id)
				}
				w.close()
			})
		})
	}
}
