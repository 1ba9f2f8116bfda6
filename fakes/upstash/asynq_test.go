package upstash_test

import (
	"context"
	"io"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"tollgate/fakes/upstash"
	"tollgate/fakes/upstash/ledger"
)

// connOpt has asynq make its clients from go-redis options.
type connOpt struct{ options *redis.Options }

func (c connOpt) MakeRedisClient() any { return redis.NewClient(c.options) }

// runJobs has an unmodified asynq process jobs, enqueued before its server
// starts, and returns once all are done.
func runJobs(t *testing.T, f fake, jobs int) {
	producer := asynq.NewClient(connOpt{f.options()})
	defer producer.Close()
	for i := range jobs {
		_, err := producer.EnqueueContext(t.Context(), asynq.NewTask("job", []byte(strconv.Itoa(i))))
		require.NoError(t, err)
	}

	var done sync.WaitGroup
	done.Add(jobs)
	o := f.options()
	o.ClientName = "worker"
	server := asynq.NewServer(connOpt{o}, asynq.Config{Concurrency: 5, LogLevel: asynq.FatalLevel})
	require.NoError(t, server.Start(asynq.HandlerFunc(func(context.Context, *asynq.Task) error {
		done.Done()
		return nil
	})))
	done.Wait()
	server.Shutdown() // waits for the last job to be marked done
}

// A job of asynq costs 18 billed commands: 4 to enqueue it, 7 to take it, 7 to
// mark it done. Nothing else may be in the scripts that do so but the polling of
// an empty queue, at 3 a time.
func TestAsynqJobCosts18BilledCommands(t *testing.T) {
	t.Run("bubble", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) { requireJobCost(t, settings(t)) })
	})
	t.Run("real", func(t *testing.T) { requireJobCost(t, settings(t)) })
	t.Run("redis-server", func(t *testing.T) { requireJobCost(t, onRedis(t, redisServer(t))) })
}

func requireJobCost(t *testing.T, cfg upstash.Config) {
	const jobs = 100
	f := start(t, cfg)
	runJobs(t, f, 1) // the scripts are cached, the queue is known, the day has its counters
	before := f.Ledger().Snapshot()
	seen := len(f.Ledger().Recent())
	runJobs(t, f, jobs)
	window := f.Ledger().Snapshot().Since(before)

	inner := map[string]map[string]int64{} // calls by script and command
	for _, c := range f.Ledger().Recent()[seen:] {
		if c.Inner {
			if inner[c.Script] == nil {
				inner[c.Script] = map[string]int64{}
			}
			inner[c.Script][c.Name]++
		}
	}
	var enqueue, dequeue, finish, empty ledger.Counts
	for script, calls := range inner {
		counts := window.ByScript[script]
		switch {
		case calls["RPOPLPUSH"] > 0:
			dequeue = counts
			polls := counts.Wire - jobs
			empty = ledger.Counts{Wire: polls, Inner: 2 * polls, Billed: 3 * polls}
		case calls["LPUSH"] > 0 && calls["HSET"] > 0:
			enqueue = counts
		case calls["LREM"] > 0:
			finish = counts
		}
	}
	require.Equal(t, ledger.Counts{Wire: jobs, Inner: 3 * jobs, Billed: 4 * jobs}, enqueue)
	require.Equal(t, ledger.Counts{Wire: jobs, Inner: 6 * jobs, Billed: 7 * jobs}, finish)
	require.Equal(t, 7*jobs+empty.Billed, dequeue.Billed)
	require.EqualValues(t, 18*jobs, enqueue.Billed+dequeue.Billed+finish.Billed-empty.Billed)
	require.Zero(t, window.Unsupported)
	require.Contains(t, window.ConnectionsByComponent, "worker")
}

// What the ledger booked is what the engine did, command by command, but for what
// the server answers itself.
func TestLedgerAgreesWithTheEngine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := settings(t)
		mini := embedded(t)
		cfg.Engine = mini
		f := start(t, cfg)
		runJobs(t, f, 20)
		time.Sleep(time.Hour) // whoever left is gone

		stats, err := mini.Stats(t.Context())
		require.NoError(t, err)
		booked := map[string]int64{}
		for name, counts := range f.Ledger().Snapshot().ByCommand {
			switch name {
			case "HELLO", "CLIENT SETNAME":
			default:
				booked[name] = counts.Wire + counts.Inner
			}
		}
		require.Equal(t, stats, booked)
	})
}

// What was booked was also run, however clients leave.
func TestLedgerAgreesWithTheEngineWhenClientsLeave(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := settings(t)
		mini := embedded(t)
		cfg.Engine = mini
		f := start(t, cfg)
		const script = `for i = 1, 10 do redis.call("INCR", KEYS[1]) end`
		pipeline := strings.Repeat("INCR k\r\nEVAL '"+strings.ReplaceAll(script, `"`, `\'`)+"' 1 k\r\n", 300)
		var clients sync.WaitGroup
		for i := range 20 {
			c := login(t, f)
			clients.Go(func() {
				_, _ = io.WriteString(c.conn, pipeline[:len(pipeline)*(i+1)/20]) // some break off in the middle of a command
				if i%2 == 0 {
					c.conn.Close()
				}
			})
		}
		clients.Wait()
		f.DropConnections()
		time.Sleep(time.Minute)
		stats, err := mini.Stats(t.Context())
		require.NoError(t, err)
		booked := f.Ledger().Snapshot().ByCommand
		require.Positive(t, stats["EVAL"])
		require.Equal(t, stats["EVAL"], booked["EVAL"].Wire)
		require.Equal(t, stats["EVAL"]*10, booked["INCR"].Inner)
		require.Equal(t, stats["INCR"], booked["INCR"].Wire+booked["INCR"].Inner)
		require.Zero(t, f.Ledger().Snapshot().Connections.Open)
	})
}
