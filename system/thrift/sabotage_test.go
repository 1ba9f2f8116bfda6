package thrift_test

import (
	"context"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"tollgate/system/thrift"
)

// saboteur is a governor that gets something wrong: it drops the commands chosen, and says that they went well.
type saboteur struct {
	drops func(words string) bool
}

func (s saboteur) DialHook(next redis.DialHook) redis.DialHook { return next }

func (s saboteur) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

func (s saboteur) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		var words strings.Builder
		for _, arg := range cmd.Args() {
			if text, ok := arg.(string); ok {
				words.WriteString(text + " ")
			}
		}
		if !s.drops(words.String()) {
			return next(ctx, cmd)
		}
		if script, ok := cmd.(*redis.Cmd); ok {
			script.SetVal(int64(0)) // nothing to do, or OK
		}
		return nil
	}
}

// The comparison with plain asynq is worth something only if it finds what is wrong. Each of these governors is wrong in
// one thing that the steps touch.
func TestTheTwinFindsASaboteur(t *testing.T) {
	add := func(queue string, o options, do ...act) step {
		o.maxRetry = 3
		return step{operations: []operation{{verb: enqueueJob, process: "g1", queue: queue, id: "j-" + queue, job: do, options: o}}}
	}
	do := func(v verb, queue, id string) step {
		return step{operations: []operation{{verb: v, process: "g1", queue: queue, id: id}}}
	}
	contains := func(words ...string) func(string) bool {
		return func(command string) bool {
			for _, word := range words {
				if !strings.Contains(command, word) {
					return false
				}
			}
			return true
		}
	}
	findsExpired := func(command string) bool {
		return contains("{alpha}:lease asynq:{alpha}:t: ")(command) && !contains("{alpha}:active")(command)
	}
	for _, wrong := range []struct {
		name  string
		drops func(words string) bool
		steps []step
	}{
		{"the job of a process that died is left", findsExpired, []step{
			add("alpha", options{timeout: "far"}, hold, succeed), do(crashHolder, "alpha", ""),
		}},
		{"a result is not written", contains(" result "), []step{add("alpha", options{retention: "far"}, write)}},
		{"a queue is not paused", contains("set asynq:{alpha}:paused"), []step{do(pauseQueue, "alpha", ""), add("alpha", options{}, succeed)}},
		{"a queue goes on being paused", contains("del asynq:{alpha}:paused"), []step{
			do(pauseQueue, "alpha", ""), add("alpha", options{}, succeed), do(unpauseQueue, "alpha", ""),
		}},
		{"a cancellation is not sent", contains("publish asynq:cancel"), []step{
			add("alpha", options{timeout: "far"}, hold, succeed), do(cancelJob, "alpha", "j-alpha"),
		}},
		{"a queue is not listed", contains("sadd asynq:queues gamma"), []step{add("gamma", options{}, succeed)}},
		{"a success is not noted", contains(":active ", ":lease ", ":processed "), []step{add("beta", options{}, succeed)}},
		{"due jobs are left", contains("{beta}:scheduled asynq:{beta}:pending "), []step{add("beta", options{delay: "short"}, succeed)}},
	} {
		t.Run(wrong.name, func(t *testing.T) {
			s := sequence{processes: []string{"g1"}, governed: map[string]bool{"g1": true}, wake: true, steps: wrong.steps}
			want := playInBubble(t, s, s.kinds(plain))
			require.Empty(t, playInBubble(t, s, s.kinds(thrift.Off)).differences(want, s.tolerance(virtualTimes)))
			var got outcome
			bubble(t, func(t *testing.T) {
				w := embeddedWorld(t)
				w.sabotage = saboteur{wrong.drops}
				got = w.play(s, s.kinds(thrift.Off))
			})
			require.NotEmpty(t, got.differences(want, s.tolerance(virtualTimes)))
		})
	}
}
