package thrift

import (
	"context"
	"maps"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// aggregateSHA is of the one script that the self-test leaves out.
const aggregateSHA = "a3812898e6caa8ef58d4cda34cd41a1023157e43"

// selfTestWith runs the self-test with one script's shapes replaced.
func selfTestWith(t *testing.T, sha string, list []shape) error {
	ctx, cancel := context.WithTimeout(t.Context(), selfTestTimeout)
	defer cancel()
	changed := maps.Clone(shapes)
	changed[sha] = list
	return recognizer{changed}.selfTest(ctx)
}

func TestSelfTestNeedsEachShape(t *testing.T) {
	for sha, list := range shapes {
		if sha == aggregateSHA {
			continue
		}
		for i := range list {
			err := selfTestWith(t, sha, slices.Delete(slices.Clone(list), i, i+1))
			require.ErrorContainsf(t, err, sha, "without shape %d of kind %d", i, list[i].kind)
		}
	}
}

// A shape that reads one argument as another of the same Go type is the mistake that does most harm.
func TestSelfTestNoticesArgumentsThatAreMixedUp(t *testing.T) {
	for sha, list := range shapes {
		if sha == aggregateSHA {
			continue
		}
		for i, s := range list {
			for a := range s.args {
				for b := range a {
					mixed := slices.Clone(list)
					mixed[i].args = slices.Clone(s.args)
					mixed[i].args[a], mixed[i].args[b] = s.args[b], s.args[a]
					require.Errorf(t, selfTestWith(t, sha, mixed), "arguments %d and %d of kind %d", a, b, s.kind)
				}
			}
		}
	}
}

func TestSelfTestEndsWhenNothingComes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		began := time.Now()
		trial := newTrial(newRecorder(recognizer{shapes}))
		defer trial.close()
		err := trial.run(ctx, step{"nothing", func(context.Context) error { return nil }, []*expectation{expected("pause", operation{kind: pause})}})
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorContains(t, err, "nothing: expected pause, and nothing like it came")
		require.Equal(t, time.Second, time.Since(began))
	})
}

// Meanwhile asynq's heartbeat comes, with the job that still runs.
func TestSelfTestPassesOnAMachineThatStandsStill(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), selfTestTimeout)
		defer cancel()
		trial := newTrial(newRecorder(recognizer{shapes}))
		defer trial.close()
		for _, s := range trial.steps() {
			require.NoError(t, trial.run(ctx, s))
			if s.name == "server" {
				<-time.After(6 * time.Second)
			}
		}
		_, err := trial.progress()
		require.NoError(t, err)
	})
}
