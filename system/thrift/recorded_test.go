package thrift

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
)

// tape holds what asynq sends: the first few of the commands that name the same script or key, as asynq repeats itself. It
// is safe for concurrent use.
type tape struct {
	mu       sync.Mutex
	commands [][]any
	number   map[any]int  // of commands, by their first two words
	unloaded map[any]bool // hashes of scripts that were refused once
}

func (t *tape) add(args []any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	words := [2]any{args[0], args[1]}
	if t.number[words]++; t.number[words] <= 20 {
		t.commands = append(t.commands, slices.Clone(args))
	}
}

// refuses says whether a script that the recognizer knows comes for the first time.
func (t *tape) refuses(args []any) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	sha, _ := args[1].(string)
	if args[0] != "evalsha" || t.unloaded[sha] || shapes[sha] == nil && !slices.Contains([]string{serverStateSHA, entriesSHA, recordTickSHA}, sha) {
		return false
	}
	t.unloaded[sha] = true
	return true
}

// recordedTrial runs the whole self-test, and what asynq does after seconds only, and keeps what asynq sends. Each script is
// refused once, so that asynq sends its text, too.
func recordedTrial(t *testing.T) [][]any {
	sent := &tape{number: map[any]int{}, unloaded: map[any]bool{}}
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		rec := newRecorder(recognizer{shapes})
		require.NoError(t, rec.client.Close())
		rec.client = newFront(func(ctx context.Context, cmd redis.Cmder) error {
			sent.add(cmd.Args())
			if sent.refuses(cmd.Args()) {
				cmd.SetErr(redis.ErrNoScript)
				return redis.ErrNoScript
			}
			return rec.process(ctx, cmd)
		}, nil, nil).UniversalClient
		trial := newTrial(rec)
		defer trial.close()
		config := trialServer()
		config.GroupGracePeriod = time.Second
		config.GroupAggregator = asynq.GroupAggregatorFunc(func(string, []*asynq.Task) *asynq.Task { return nil })
		trial.server = asynq.NewServerFromRedisClient(trial.client, config)
		for _, s := range trial.steps() {
			if s.name == "server" {
				s.expect = append(s.expect,
					expected("longer lease", operation{kind: extendLease, queue: trialQueue, at: time.Now().Unix(), ids: []string{endless}}),
					expected("server's state with a job", operation{
						kind: serverState, member: serversPrefix, ttl: serverTTL, info: trialQueue, pairs: []string{endless, endless},
					}),
					expected("list of groups", operation{kind: listGroups, queue: trialQueue}),
					expected("aggregation", operation{kind: aggregate, queue: trialQueue}))
			}
			require.NoError(t, trial.run(ctx, s))
		}
		require.NoError(t, trial.register("tick", "@every 1s"))
		require.NoError(t, trial.run(ctx, step{"schedule that is due", func(context.Context) error { return nil }, tick(time.Now(), "tick", "plain")}))
	})
	return sent.commands
}

func TestExamplesAreWhatAsynqSends(t *testing.T) {
	recorded := recordedTrial(t)
	for _, e := range examples() {
		if e.want.kind == inspect || e.name == "no entries" {
			continue
		}
		require.Truef(t, slices.ContainsFunc(recorded, e.resembles), "asynq has not sent %s, as in %v", e.name, e.args)
	}
	for _, args := range recorded {
		if args[0] == "eval" || recognize(command(args...)).kind == unknown {
			continue
		}
		like := func(e example) bool { return e.resembles(args) }
		require.Truef(t, slices.ContainsFunc(examples(), like), "no example of %s", commandText(args))
	}
}

// resembles says whether a command is the example's script or name, with arguments of exactly the same types; where their
// number varies, as far as both go.
func (e example) resembles(args []any) bool {
	op := recognize(command(args...))
	if args[0] != e.args[0] || op.kind != e.want.kind || op.retried != e.want.retried || args[0] == "evalsha" && args[1] != e.args[1] {
		return false
	}
	for i := range min(len(args), len(e.args)) {
		if fmt.Sprintf("%T", args[i]) != fmt.Sprintf("%T", e.args[i]) {
			return false
		}
	}
	return len(args) == len(e.args) || len(args) > 3 && varying(args)
}

func TestTextOfAScriptIsReadAsItsHash(t *testing.T) {
	seen := map[any]bool{}
	var before []any
	for _, args := range recordedTrial(t) {
		if args[0] == "eval" {
			sha := redis.NewScript(args[1].(string)).Hash()
			hash := slices.Clone(args)
			hash[0], hash[1] = "evalsha", sha
			want := recognize(command(hash...))
			require.NotContainsf(t, []kind{unknown, inspect}, want.kind, "%s, after %s", sha, before)
			require.Equal(t, want, recognize(command(args...)))
			seen[sha] = true
		}
		before = args
	}
	for sha := range shapes {
		require.Truef(t, seen[sha], "asynq has not sent the text of %s", sha)
	}
	require.True(t, seen[serverStateSHA] && seen[entriesSHA] && seen[recordTickSHA], "asynq has not sent the texts of all scripts")
}

// Whatever may put jobs into a pending list has to be noticed, as no survey comes soon.
func TestInspectorIsNoticedWhereItMayAddPendingJobs(t *testing.T) {
	errRefused := errors.New("refused")
	var ops []operation
	client := newFront(func(_ context.Context, cmd redis.Cmder) error {
		ops = append(ops, recognize(cmd))
		if exists, ok := cmd.(*redis.BoolCmd); ok { // asynq asks whether the queue exists
			exists.SetVal(true)
			return nil
		}
		cmd.SetErr(errRefused)
		return errRefused
	}, nil, nil).UniversalClient
	inspector := asynq.NewInspectorFromRedisClient(client)
	defer func() { require.NoError(t, client.Close()) }()
	only := func(_ int, err error) error { return err }
	for name, run := range map[string]func() error{
		"RunTask":                func() error { return inspector.RunTask(testQueue, "id") },
		"RunAllScheduledTasks":   func() error { return only(inspector.RunAllScheduledTasks(testQueue)) },
		"RunAllRetryTasks":       func() error { return only(inspector.RunAllRetryTasks(testQueue)) },
		"RunAllArchivedTasks":    func() error { return only(inspector.RunAllArchivedTasks(testQueue)) },
		"RunAllAggregatingTasks": func() error { return only(inspector.RunAllAggregatingTasks(testQueue, "g")) },
	} {
		ops = nil
		require.Errorf(t, run(), "%s", name)
		require.Containsf(t, ops, operation{kind: inspect, queue: testQueue}, "%s", name)
		for _, op := range ops {
			require.Containsf(t, []kind{unknown, inspect}, op.kind, "%s", name)
		}
	}
}
