package upstash_test

import (
	"context"
	"crypto/sha1"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"tollgate/fakes/redisserver"
	"tollgate/fakes/upstash"
	"tollgate/fakes/upstash/engine"
	"tollgate/fakes/upstash/ledger"
)

// redisServer starts a real Redis, or skips the test where there is none.
func redisServer(t testing.TB, args ...string) *redisserver.Server {
	server, err := redisserver.Start(t.Context(), redisserver.Config{Args: args})
	if errors.Is(err, redisserver.ErrNotInstalled) {
		t.Skip(err)
	}
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, server.Stop()) })
	return server
}

func remote(t testing.TB, server *redisserver.Server) *engine.Remote {
	e, err := engine.NewRemote(t.Context(), engine.RemoteConfig{URL: server.URL()})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, e.Close()) })
	return e
}

// onRedis is a configuration with a real Redis behind it.
func onRedis(t testing.TB, server *redisserver.Server) upstash.Config {
	cfg := settings(t)
	cfg.Engine = remote(t, server)
	return cfg
}

func shaOf(script string) string {
	sum := sha1.Sum([]byte(script))
	return hex.EncodeToString(sum[:])
}

// scripted is a script and what it calls.
type scripted struct {
	text  string
	calls map[string]int64
	fails bool
}

// scripts call what they call whatever the data; each key holds what fits.
var scripts = []scripted{
	{text: `return redis.call("incr", KEYS[1])`, calls: map[string]int64{"INCR": 1}},
	{text: `redis.call("SET", KEYS[1], ARGV[1]) return redis.pcall("Get", KEYS[1])`, calls: map[string]int64{"SET": 1, "GET": 1}},
	{text: `for i = 1, 20 do redis.call("LPUSH", KEYS[1] .. "{list}", i) end redis.call("DEL", KEYS[1] .. "{list}") return 1`, calls: map[string]int64{"LPUSH": 20, "DEL": 1}},
	{text: `return 1`},
	{text: `redis.call("SET", KEYS[1], "text") return redis.call("LPUSH", KEYS[1], "x")`, calls: map[string]int64{"SET": 1, "LPUSH": 1}, fails: true},
	{text: `redis.call("SET", KEYS[1], "x") error("no more")`, calls: map[string]int64{"SET": 1}, fails: true},
	{text: `this is not Lua`, fails: true},
}

// tally is what one client caused.
type tally struct {
	inner  map[string]int64 // by command
	script map[string]ledger.Counts
}

func newTally() *tally {
	return &tally{inner: map[string]int64{}, script: map[string]ledger.Counts{}}
}

// ran notes a call of a script.
func (y *tally) ran(s scripted) {
	counts := y.script[shaOf(s.text)]
	counts.Wire++
	for name, n := range s.calls {
		y.inner[name] += n
		counts.Inner += n
	}
	y.script[shaOf(s.text)] = counts
}

// missed notes a call of a script that is not there.
func (y *tally) missed(sha string) {
	counts := y.script[sha]
	counts.Wire++
	y.script[sha] = counts
}

// act does something at random, over TCP. What a script calls must be booked when
// its reply is there.
func act(ctx context.Context, c *redis.Client, rng *rand.Rand, y *tally, key string) error {
	s := scripts[rng.IntN(len(scripts))]
	value := string([]byte{'v', 0, '"', '\\', '\n', byte(rng.UintN(256))})
	run := func(cmd *redis.Cmd) error {
		y.ran(s)
		if failed := cmd.Err() != nil; failed != s.fails {
			return fmt.Errorf("%s: %w", s.text, cmd.Err())
		}
		return c.Set(ctx, key, "1", 0).Err() // a number again
	}
	queue := func(pipe redis.Pipeliner) error {
		for range rng.IntN(5) {
			pipe.Eval(ctx, s.text, []string{key}, value)
			pipe.Set(ctx, key, "1", 0)
			y.ran(s)
		}
		return nil
	}
	switch rng.IntN(6) {
	case 0:
		return run(c.Eval(ctx, s.text, []string{key}, value))
	case 1:
		if s.fails {
			return nil
		}
		sha, err := c.ScriptLoad(ctx, s.text).Result()
		if err != nil {
			return err
		}
		return run(c.EvalSha(ctx, strings.ToUpper(sha), []string{key}, value))
	case 2:
		y.missed(shaOf("no such script"))
		if err := c.EvalSha(ctx, shaOf("no such script"), nil).Err(); !redis.HasErrorPrefix(err, "NOSCRIPT") {
			return fmt.Errorf("want NOSCRIPT, got %w", err)
		}
	case 3:
		_, _ = c.Pipelined(ctx, queue) // of failing scripts, too
	case 4:
		_, _ = c.TxPipelined(ctx, queue)
	case 5:
		return c.Set(ctx, key, "1", 0).Err()
	}
	return c.Set(ctx, key, "1", 0).Err()
}

// actREST does the same over REST: one by one, in a pipeline, in a transaction.
func actREST(ctx context.Context, t *testing.T, f fake, rng *rand.Rand, y *tally) error {
	var cmds [][]string
	for range 1 + rng.IntN(4) {
		s := scripts[rng.IntN(len(scripts))]
		cmds = append(cmds, []string{"EVAL", s.text, "1", "rest", "v"}, []string{"SET", "rest", "1"})
		y.ran(s)
	}
	path, body := []string{"/pipeline", "/multi-exec"}[rng.IntN(2)], any(cmds)
	if len(cmds) == 2 {
		path, body = "", cmds[0]
	}
	raw, err := json.Marshal(body)
	if err != nil {
		return err
	}
	if _, _, err := send(ctx, web(t, f), f.RESTURL()+path, string(raw)); err != nil || path != "" {
		return err
	}
	_, _, err = send(ctx, web(t, f), f.RESTURL(), `["SET","rest","1"]`)
	return err
}

// What the ledger booked is what the Redis counted, command by command, and each
// call is on the account of who ran the script.
func TestRemoteLedgerAgreesWithTheRedis(t *testing.T) {
	server := redisServer(t)
	cfg := onRedis(t, server)
	cfg.LedgerCapacity = 1 << 20
	f := start(t, cfg)
	const clients, rounds = 6, 300
	tallies := map[string]*tally{"web": newTally()}
	var group errgroup.Group
	for i := range clients {
		o := f.options()
		o.ClientName = fmt.Sprint("client", i)
		c, y, rng := client(t, o), newTally(), rand.New(rand.NewPCG(1, uint64(i)))
		tallies[o.ClientName] = y
		group.Go(func() error {
			for range rounds {
				if err := act(t.Context(), c, rng, y, o.ClientName); err != nil {
					return err
				}
			}
			return nil
		})
	}
	group.Go(func() error {
		rng := rand.New(rand.NewPCG(2, 0))
		for range rounds {
			if err := actREST(t.Context(), t, f, rng, tallies["web"]); err != nil {
				return err
			}
		}
		return nil
	})
	require.NoError(t, group.Wait())

	// All of it is booked by now: nobody waits for the tap.
	snapshot := f.Ledger().Snapshot()
	require.Zero(t, snapshot.Gaps)
	want, got := map[string]map[string]int64{}, map[string]map[string]int64{}
	byScript := map[string]ledger.Counts{}
	for component, y := range tallies {
		want[component] = y.inner
		for sha, counts := range y.script {
			sum := byScript[sha]
			sum.Wire, sum.Inner = sum.Wire+counts.Wire, sum.Inner+counts.Inner
			sum.Billed = sum.Wire + sum.Inner
			byScript[sha] = sum
		}
	}
	for _, c := range f.Ledger().Recent() {
		if c.Inner {
			if got[c.Component] == nil {
				got[c.Component] = map[string]int64{}
			}
			got[c.Component][c.Name]++
		}
	}
	require.Equal(t, want, got)
	require.Equal(t, byScript, snapshot.ByScript)
	requireAgreement(t, cfg.Engine, snapshot)
}

// requireAgreement compares the ledger with INFO commandstats: wire and inner
// commands together, but for what the server answers itself.
func requireAgreement(t *testing.T, e engine.Engine, snapshot ledger.Snapshot) {
	t.Helper()
	stats, err := e.Stats(t.Context())
	require.NoError(t, err)
	booked := map[string]int64{}
	for name, counts := range snapshot.ByCommand {
		first, _, _ := strings.Cut(name, " ")
		switch first {
		case "HELLO", "CLIENT", "INFO", "AUTH":
		default:
			booked[first] += counts.Wire + counts.Inner
		}
	}
	for _, own := range []string{"MULTI", "EXEC"} { // REST transactions are the server's own doing
		delete(booked, own)
		delete(stats, own)
	}
	require.Equal(t, stats, booked)
}

// A reply is passed on only when all that its script called is booked, whatever
// else goes on.
func TestRemoteBooksBeforeTheReply(t *testing.T) {
	f := start(t, onRedis(t, redisServer(t)))
	ctx, cancel := context.WithCancel(t.Context())
	var noise sync.WaitGroup
	for range 3 {
		c := client(t, f.options())
		noise.Go(func() {
			for ctx.Err() == nil {
				c.Set(ctx, "k", "v", 0)
			}
		})
	}
	defer noise.Wait()
	defer cancel()
	c := client(t, f.options())
	const script = `for i = 1, 50 do redis.call("INCR", "n") end`
	inner := func() int64 { return f.Ledger().Snapshot().ByScript[shaOf(script)].Inner }
	for i := range int64(100) {
		require.ErrorIs(t, c.Eval(t.Context(), script, nil).Err(), redis.Nil)
		require.Equal(t, 50*(3*i+1), inner())
		_, err := c.TxPipelined(t.Context(), func(pipe redis.Pipeliner) error {
			return pipe.Eval(t.Context(), script, nil).Err()
		})
		require.ErrorIs(t, err, redis.Nil)
		require.Equal(t, 50*(3*i+2), inner())
		_, _ = post(t, web(t, f), f.RESTURL(), fmt.Sprintf(`["EVAL",%q,"0"]`, script))
		require.Equal(t, 50*(3*i+3), inner())
	}
	require.Zero(t, f.Ledger().Snapshot().Gaps)
}

// Functions are watched as scripts are.
func TestRemoteTellsFunctions(t *testing.T) {
	server := redisServer(t)
	f := start(t, onRedis(t, server))
	c := client(t, f.options())
	direct := redis.NewClient(&redis.Options{Addr: server.Addr(), DisableIdentity: true})
	defer direct.Close()
	const code = "#!lua name=l\nredis.register_function('f', function(k, a) return redis.call('incr', k[1]) end)"
	require.NoError(t, direct.FunctionLoad(t.Context(), code).Err())
	require.NoError(t, c.FCall(t.Context(), "f", []string{"n"}).Err())
	require.Equal(t, ledger.Counts{Wire: 1, Inner: 1, Billed: 2}, f.Ledger().Snapshot().ByScript["function:f"])
}

// Whoever runs no script does not pay for watching, and another client's scripts
// are not on the account.
func TestRemoteWatchesOnlyItsOwnScripts(t *testing.T) {
	server := redisServer(t)
	e := remote(t, server)
	cfg := settings(t)
	cfg.Engine = e
	f := start(t, cfg)
	direct := redis.NewClient(&redis.Options{Addr: server.Addr(), DisableIdentity: true})
	defer direct.Close()
	taps := func() int { return strings.Count(direct.ClientList(t.Context()).Val(), "name=tollgate-tap ") }

	c := client(t, f.options())
	_, err := c.TxPipelined(t.Context(), func(pipe redis.Pipeliner) error { return pipe.Incr(t.Context(), "n").Err() })
	require.NoError(t, err)
	require.Zero(t, taps())
	require.NoError(t, c.Eval(t.Context(), `return redis.call("INCR", "n")`, nil).Err())
	require.Equal(t, 2, taps())
	require.NoError(t, direct.Eval(t.Context(), `return redis.call("DECR", "n")`, nil).Err())
	require.NoError(t, c.Eval(t.Context(), `return redis.call("INCR", "n")`, nil).Err())
	booked := f.Ledger().Snapshot().ByCommand
	require.EqualValues(t, 2, booked["INCR"].Inner)
	require.NotContains(t, booked, "DECR")
	require.NoError(t, e.Close())
	require.Eventually(t, func() bool { return taps() == 0 }, 10*time.Second, time.Millisecond)
}

// A Redis that closes what clients share hurts nobody who is owed nothing.
func TestRemoteClosesASharedConnection(t *testing.T) {
	server := redisServer(t)
	cfg := onRedis(t, server)
	logged := make(lines, 10)
	cfg.Logger = slog.New(slog.NewTextHandler(logged, nil))
	f := start(t, cfg)
	c := login(t, f)
	c.want("+OK", "SET", "k", "v")
	direct := redis.NewClient(&redis.Options{Addr: server.Addr(), DisableIdentity: true})
	defer direct.Close()
	require.Positive(t, direct.ClientKillByFilter(t.Context(), "TYPE", "normal", "SKIPME", "yes").Val())
	require.Contains(t, <-logged, "a connection to the engine ended")
	c.want("$1 | v", "GET", "k")
	require.EqualValues(t, 1, f.Ledger().Snapshot().Connections.Opened)
}

// lines are what is logged; what nobody takes is lost.
type lines chan string

func (l lines) Write(p []byte) (int, error) {
	select {
	case l <- string(p):
	default:
	}
	return len(p), nil
}

// Each TCP client has one connection at the Redis, named or not, and none is left
// when it leaves.
func TestRemoteConnectionsAgreeWithTheRedis(t *testing.T) {
	server := redisServer(t)
	cfg := onRedis(t, server)
	cfg.DedicatedConnections = true
	f := start(t, cfg)
	direct := redis.NewClient(&redis.Options{Addr: server.Addr(), DisableIdentity: true})
	defer direct.Close()
	atRedis := func() int64 {
		lines := strings.Split(strings.TrimSpace(direct.ClientList(t.Context()).Val()), "\n")
		taps := strings.Count(strings.Join(lines, "\n"), "name=tollgate-tap ")
		return int64(len(lines) - taps - 1) // direct's own
	}
	var clients []*redis.Client
	for i := range 7 {
		o := f.options()
		o.ClientName, o.PoolSize, o.MinIdleConns = fmt.Sprint("c", i%2), 3, 0
		c := redis.NewClient(o)
		clients = append(clients, c)
		var group errgroup.Group
		for range i {
			group.Go(func() error { return c.Eval(t.Context(), `return redis.call("GET", "k")`, nil).Err() })
		}
		if err := group.Wait(); err != nil {
			require.ErrorIs(t, err, redis.Nil)
		}
		require.Equal(t, f.Ledger().Snapshot().Connections.Open, atRedis())
	}
	require.Positive(t, atRedis())
	for _, c := range clients {
		require.NoError(t, c.Close())
	}
	require.Eventually(t, func() bool { return atRedis() == 0 && f.Ledger().Snapshot().Connections.Open == 0 }, 10*time.Second, time.Millisecond)
}

// Clients come back after a restart, and what may have been missed is booked as
// such.
func TestRemoteRestart(t *testing.T) {
	server := redisServer(t)
	f := start(t, onRedis(t, server))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	const script = `return redis.call("INCR", KEYS[1])`
	var group errgroup.Group
	for i := range 4 {
		o := f.options()
		o.MaxRetries = -1
		c := client(t, o)
		group.Go(func() error {
			for ctx.Err() == nil {
				c.Eval(ctx, script, []string{fmt.Sprint(i)}) // it may fail
			}
			return nil
		})
	}
	worked := func(since int64) func() bool {
		return func() bool { return f.Ledger().Snapshot().ByScript[shaOf(script)].Inner > since+50 }
	}
	require.Eventually(t, worked(0), 20*time.Second, time.Millisecond)
	require.NoError(t, server.Restart(t.Context(), true))
	require.Eventually(t, worked(f.Ledger().Snapshot().ByScript[shaOf(script)].Inner), 20*time.Second, time.Millisecond)
	cancel()
	require.NoError(t, group.Wait())

	// The clients broke off; what ran is booked in a moment.
	direct := redis.NewClient(&redis.Options{Addr: server.Addr(), DisableIdentity: true})
	defer direct.Close()
	ran := func() (n int64) {
		for i := range 4 {
			value, _ := direct.Get(t.Context(), fmt.Sprint(i)).Int64()
			n += value
		}
		return n
	}
	require.Eventually(t, func() bool {
		snapshot := f.Ledger().Snapshot()
		missing := ran() - snapshot.ByCommand["INCR"].Inner
		return missing >= 0 && missing <= snapshot.Gaps
	}, 20*time.Second, 10*time.Millisecond)
}

// Over REST at most the requests suffer that were under way, not those that come
// after the restart and would be given connections from before it.
func TestRemoteRestartOverREST(t *testing.T) {
	server := redisServer(t)
	f := start(t, onRedis(t, server))
	c := web(t, f)
	var group errgroup.Group
	for range 64 {
		group.Go(func() error {
			_, _, err := send(t.Context(), c, f.RESTURL(), `["EVAL","for i = 1, 100000 do local x = i end return 1",0]`)
			return err
		})
	}
	require.NoError(t, group.Wait())
	require.NoError(t, server.Restart(t.Context(), true))
	failed := 0
	for range 30 {
		if status, _ := post(t, c, f.RESTURL(), `["GET","k"]`); status != http.StatusOK {
			failed++
		}
	}
	require.LessOrEqual(t, failed, 1)
}

// WAIT for a replica that does not exist does not hold up the REST door.
func TestRemoteWaitsAreBoundedOverREST(t *testing.T) {
	f := start(t, onRedis(t, redisServer(t)))
	c := web(t, f)
	began := time.Now()
	var group errgroup.Group
	for range 2 * poolSize {
		group.Go(func() error {
			_, answer, err := send(t.Context(), c, f.RESTURL(), `["WAIT","1","0"]`)
			if err == nil && answer != `{"result":0}` {
				err = errors.New(answer)
			}
			return err
		})
	}
	require.NoError(t, group.Wait())
	require.Less(t, time.Since(began), 20*time.Second)
}

// poolSize is the server's.
const poolSize = 16

// A Redis that does not let itself be watched still runs scripts, and the account
// says that it is not whole.
func TestRemoteThatMayNotWatch(t *testing.T) {
	server := redisServer(t, "--user", "app", "on", ">letmein", "~*", "&*", "+@all", "-monitor")
	e, err := engine.NewRemote(t.Context(), engine.RemoteConfig{URL: "redis://app:letmein@" + server.Addr()})
	require.NoError(t, err)
	defer e.Close()
	cfg := settings(t)
	cfg.Engine = e
	f := start(t, cfg)
	c := client(t, f.options())
	for i := range int64(3) {
		require.NoError(t, c.Eval(t.Context(), `return redis.call("INCR", "n")`, nil).Err())
		require.Equal(t, i+1, f.Ledger().Snapshot().Gaps)
	}
	require.Zero(t, f.Ledger().Snapshot().Total.Inner)
}

// What watching costs: a script straight at a Redis, and through the fake.
func BenchmarkRemoteEval(b *testing.B) {
	server := redisServer(b)
	f := start(b, onRedis(b, server))
	for name, o := range map[string]*redis.Options{
		"direct": {Addr: server.Addr(), DisableIdentity: true, PoolSize: 32},
		"fake":   f.options(),
	} {
		b.Run(name, func(b *testing.B) {
			o.PoolSize = 32
			c := client(b, o)
			b.SetParallelism(16)
			b.RunParallel(func(p *testing.PB) {
				for p.Next() {
					if err := c.Eval(b.Context(), `return redis.call("INCR", KEYS[1])`, []string{"n"}).Err(); err != nil {
						b.Error(err)
						return
					}
				}
			})
		})
	}
}
