package engine_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"tollgate/fakes/upstash/engine"
	"tollgate/fakes/upstash/engine/script"
)

// session keeps what clients of go-redis send, in the order in which they begin to. It is safe for concurrent use.
type session struct {
	mu       sync.Mutex
	commands [][]string
	texts    map[string]string // of scripts, by SHA-1
}

func (s *session) DialHook(next redis.DialHook) redis.DialHook { return next }

func (s *session) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		s.add(cmd)
		return next(ctx, cmd)
	}
}

func (s *session) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, all []redis.Cmder) error {
		s.add(all...)
		return next(ctx, all)
	}
}

func (s *session) add(all ...redis.Cmder) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, cmd := range all {
		words := make([]string, len(cmd.Args()))
		for i, arg := range cmd.Args() {
			if raw, ok := arg.([]byte); ok {
				arg = string(raw)
			}
			words[i] = fmt.Sprint(arg)
		}
		switch strings.ToUpper(words[0]) {
		case "EVAL":
			s.texts[sha(words[1])] = words[1]
		case "HELLO", "CLIENT", "SUBSCRIBE", "MULTI", "EXEC":
			continue
		}
		s.commands = append(s.commands, words)
	}
}

// recorded makes clients of an engine that are listened to.
type recorded struct {
	*session
	engine *engine.Embedded
}

func (r recorded) MakeRedisClient() any {
	client := redis.NewClient(&redis.Options{
		Addr:   "127.0.0.1:6379", // no name, such as the default: go-redis looks those up, which must not happen first in a bubble
		Dialer: func(ctx context.Context, _, _ string) (net.Conn, error) { return r.engine.Dial(ctx) }, DisableIdentity: true, Protocol: 2,
	})
	client.AddHook(r)
	return client
}

// useAsynq has an unmodified asynq do all that it has scripts for.
func useAsynq(t *testing.T, opt asynq.RedisConnOpt) {
	client, inspector := asynq.NewClient(opt), asynq.NewInspector(opt)
	enqueue := func(kind string, options ...asynq.Option) {
		_, err := client.EnqueueContext(t.Context(), asynq.NewTask(kind, []byte("{}")), append(options, asynq.MaxRetry(1))...)
		if err != nil && !errors.Is(err, asynq.ErrTaskIDConflict) && !errors.Is(err, asynq.ErrDuplicateTask) {
			require.NoError(t, err)
		}
	}
	all := func() {
		for _, kind := range []string{"works", "fails", "skips"} {
			enqueue(kind)
			enqueue(kind, asynq.Unique(time.Hour), asynq.Retention(time.Minute))
			enqueue(kind, asynq.ProcessIn(20*time.Second))
			enqueue(kind, asynq.ProcessIn(20*time.Second), asynq.Unique(time.Hour), asynq.TaskID(kind+"-later"))
			enqueue(kind, asynq.Group("g"))
			enqueue(kind, asynq.Group("g"), asynq.Unique(time.Hour), asynq.TaskID(kind+"-grouped"))
		}
	}
	all()
	inspect(t, inspector)
	all()
	server := asynq.NewServer(opt, asynq.Config{
		Concurrency: 3, LogLevel: asynq.FatalLevel, GroupGracePeriod: 5 * time.Second, ShutdownTimeout: time.Second,
		RetryDelayFunc: func(int, error, *asynq.Task) time.Duration { return 10 * time.Second },
		GroupAggregator: asynq.GroupAggregatorFunc(func(string, []*asynq.Task) *asynq.Task {
			return asynq.NewTask("works", nil)
		}),
	})
	require.NoError(t, server.Start(asynq.HandlerFunc(func(ctx context.Context, task *asynq.Task) error {
		switch task.Type() {
		case "fails":
			return errors.New("it fails")
		case "skips":
			return asynq.SkipRetry
		case "hangs":
			<-ctx.Done()
		}
		return nil
	})))
	scheduler := asynq.NewSchedulerFromRedisClient(opt.MakeRedisClient().(redis.UniversalClient), &asynq.SchedulerOpts{LogLevel: asynq.FatalLevel})
	_, err := scheduler.Register("@every 30s", asynq.NewTask("works", nil))
	require.NoError(t, err)
	require.NoError(t, scheduler.Start())
	time.Sleep(3 * time.Minute)
	scheduler.Shutdown()
	enqueue("hangs")
	time.Sleep(2 * time.Second)
	server.Shutdown() // puts it back
	inspect(t, inspector)
	require.NoError(t, errors.Join(client.Close(), inspector.Close()))
}

// inspect calls what the inspector has, whatever comes of it.
func inspect(t *testing.T, i *asynq.Inspector) {
	_, err := i.GetQueueInfo("default")
	require.NoError(t, err)
	_, _ = i.Groups("default")
	_, _ = i.History("default", 3)
	_, _ = i.Servers()
	_, _ = i.SchedulerEntries()
	for _, id := range []string{"works-later", "fails-grouped"} {
		_, _ = i.GetTaskInfo("default", id)
		_ = i.RunTask("default", id)
		_ = i.ArchiveTask("default", id)
		_ = i.RunTask("default", id)
		_ = i.DeleteTask("default", id)
	}
	for _, list := range []func(string, ...asynq.ListOption) ([]*asynq.TaskInfo, error){
		i.ListPendingTasks, i.ListActiveTasks, i.ListScheduledTasks, i.ListRetryTasks, i.ListArchivedTasks, i.ListCompletedTasks,
	} {
		_, _ = list("default")
	}
	_, _ = i.ListAggregatingTasks("default", "g")
	for _, each := range []func(string) (int, error){
		i.RunAllScheduledTasks, i.ArchiveAllPendingTasks, i.RunAllArchivedTasks, i.RunAllRetryTasks, i.ArchiveAllScheduledTasks, i.ArchiveAllRetryTasks,
		i.DeleteAllPendingTasks, i.DeleteAllArchivedTasks, i.DeleteAllScheduledTasks, i.DeleteAllRetryTasks, i.DeleteAllCompletedTasks,
	} {
		_, _ = each("default")
	}
	for _, each := range []func(string, string) (int, error){i.RunAllAggregatingTasks, i.ArchiveAllAggregatingTasks, i.DeleteAllAggregatingTasks} {
		_, _ = each("default", "g")
	}
	_ = i.PauseQueue("none")
	_ = i.DeleteQueue("none", true)
	_ = i.DeleteQueue("none", false)
}

// TestAsynqScriptsAnswerAsInMiniredis: all that asynq sends is answered as if miniredis ran its scripts, and none of them is one
// that needs an interpreter of its own.
func TestAsynqScriptsAnswerAsInMiniredis(t *testing.T) {
	recording := &session{texts: map[string]string{}}
	synctest.Test(t, func(t *testing.T) {
		e, err := engine.NewEmbedded()
		require.NoError(t, err)
		useAsynq(t, recorded{recording, e})
		require.NoError(t, e.Close())
		time.Sleep(time.Minute) // go-redis dials in the background
	})
	require.Greater(t, len(recording.texts), 40, "of the scripts that asynq has")
	for _, text := range recording.texts {
		program, err := script.Compile(text, "asynq")
		require.NoError(t, err)
		_, known := program.Commands()
		require.True(t, known, text)
	}
	p := newPair(t)
	for _, words := range recording.commands {
		name := strings.ToUpper(words[0])
		if name == "EVALSHA" {
			words[1] = recording.texts[words[1]]
		}
		if name == "EVALSHA" || name == "EVAL" {
			own, mini := p.eval(words[1], words[2:]...)
			require.Equal(t, mini, own, words)
			continue
		}
		require.Equal(t, p.mini.do(words...), p.own.do(words...), words)
	}
}
