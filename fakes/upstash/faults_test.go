package upstash_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"tollgate/fakes/memnet"
	"tollgate/fakes/upstash"
	"tollgate/fakes/upstash/engine"
	"tollgate/fakes/upstash/faults"
)

// fault switches one on.
func (f fake) fault(t testing.TB, spec string) string {
	t.Helper()
	parsed, err := faults.ParseSpec(spec)
	require.NoError(t, err)
	name, err := f.Faults().Add(parsed)
	require.NoError(t, err)
	return name
}

// named is a client with one connection, without retries, that has a name and is
// connected.
func (f fake) named(t testing.TB, name string) *redis.Client {
	t.Helper()
	o := f.options()
	o.ClientName, o.PoolSize, o.MaxRetries, o.DialerRetries = name, 1, -1, 1
	c := client(t, o)
	require.NoError(t, c.Ping(t.Context()).Err())
	return c
}

// web is an HTTP client of the REST door, and what it gets for a command.
func (f fake) web(t testing.TB) func(path, body string) (status int, answer string, err error) {
	t.Helper()
	transport := &http.Transport{DialContext: f.network.DialContext}
	t.Cleanup(transport.CloseIdleConnections)
	return func(path, body string) (int, string, error) {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, f.RESTURL()+path, strings.NewReader(body))
		require.NoError(t, err)
		req.Header.Set("Authorization", "Bearer "+token)
		res, err := (&http.Client{Transport: transport}).Do(req)
		if err != nil {
			return 0, "", err
		}
		defer res.Body.Close()
		answer, err := io.ReadAll(res.Body)
		return res.StatusCode, string(answer), err
	}
}

func took(what func()) time.Duration {
	began := time.Now()
	what()
	return time.Since(began)
}

// In a bubble, a server with its clients: all in memory and in virtual time.
func inBubble(t *testing.T, change func(*upstash.Config), test func(t *testing.T, f fake)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		cfg := settings(t)
		if change != nil {
			change(&cfg)
		}
		test(t, start(t, cfg))
	})
}

func TestFaultLatencyOfOneComponent(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, f fake) {
		cache, jobs, post := f.named(t, "cache"), f.named(t, "jobs"), f.web(t)
		get := func(c *redis.Client) func() {
			return func() { require.NoError(t, c.Set(t.Context(), "k", "v", 0).Err()) }
		}
		get(cache)()
		get(jobs)()
		name := f.fault(t, "latency,delay=200ms,component=cache,transport=tcp")
		require.Equal(t, 200*time.Millisecond, took(get(cache)))
		require.Zero(t, took(get(jobs)))
		fresh := f.named(t, "cache")
		get(fresh)() // whose it is, is known from here on
		require.Equal(t, 200*time.Millisecond, took(get(fresh)))
		require.Zero(t, took(func() { _, _, err := post("/ping", ""); require.NoError(t, err) }))
		report, err := f.Faults().Remove(name)
		require.NoError(t, err)
		require.Equal(t, int64(2), report.Fired)
		require.Zero(t, took(get(cache)))

		f.fault(t, "latency,delay=100ms,component=web")
		require.Equal(t, 100*time.Millisecond, took(func() { _, _, err := post("/get/k", ""); require.NoError(t, err) }))
		require.Zero(t, took(get(cache)))
	})
}

func TestFaultLatencyUnderTLS(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, f fake) {
		o := f.secure(f.options())
		o.PoolSize = 1
		c := client(t, o)
		ping := func() { require.NoError(t, c.Ping(t.Context()).Err()) }
		ping()
		f.fault(t, "latency,delay=50ms,door=tls,direction=both")
		require.Equal(t, 100*time.Millisecond, took(ping))
		f.Faults().Clear()
		require.Zero(t, took(ping))
	})
}

func TestFaultReplies(t *testing.T) {
	onEveryDoor(t, func(t *testing.T, f fake, o *redis.Options) {
		o.MaxRetries = -1
		ctx, c, post := t.Context(), client(t, o), f.web(t)
		require.NoError(t, c.Set(ctx, "k", "v", 0).Err())
		before := f.Ledger().Snapshot()

		f.fault(t, "readonly,name=upgrade")
		require.EqualError(t, c.Set(ctx, "k", "v", 0).Err(), "READONLY Writes are temporarily rejected due to server upgrade")
		require.Equal(t, "v", c.Get(ctx, "k").Val())
		status, answer, err := post("/set/k/v", "")
		require.NoError(t, err)
		require.Equal(t, http.StatusBadRequest, status)
		require.JSONEq(t, `{"error":"READONLY Writes are temporarily rejected due to server upgrade"}`, answer)
		f.Faults().Clear()

		f.fault(t, "loading,count=2")
		require.EqualError(t, c.Ping(ctx).Err(), "LOADING Redis is loading the dataset in memory")
		_, answer, err = post("/pipeline", `[["GET","k"],["GET","k"]]`)
		require.NoError(t, err)
		require.JSONEq(t, `[{"error":"LOADING Redis is loading the dataset in memory"},{"result":"v"}]`, answer)

		f.fault(t, "error,name=own,text=ERR own,, words,command=INCR")
		_, err = c.TxPipelined(ctx, func(p redis.Pipeliner) error {
			p.Incr(ctx, "n")
			p.Set(ctx, "k", "changed", 0)
			return nil
		})
		require.ErrorContains(t, err, "EXECABORT")
		_, answer, err = post("/multi-exec", `[["SET","k","changed"],["INCR","n"]]`)
		require.NoError(t, err)
		require.JSONEq(t, `{"error":"ERR own, words"}`, answer)
		require.Equal(t, "v", c.Get(ctx, "k").Val())

		window := f.Ledger().Snapshot().Since(before)
		require.Equal(t, int64(7), window.Rejected, "SET, SET, PING, GET, INCR, INCR and SET with it")
		require.Equal(t, int64(6), window.Total.Billed, "GET, GET, MULTI, SET, EXEC, GET")
		require.Equal(t, int64(2), window.ByCommand["INCR"].Wire, "refused commands were sent all the same")
	})
}

func TestFaultScriptFlush(t *testing.T) {
	f := start(t, settings(t))
	ctx, c := t.Context(), client(t, f.options())
	script := redis.NewScript("return 7")
	require.NoError(t, script.Load(ctx, c).Err())
	require.NoError(t, script.EvalSha(ctx, c, nil).Err())
	before := f.Ledger().Snapshot()
	f.fault(t, "script-flush")
	require.Zero(t, f.Ledger().Snapshot().Since(before).Total.Wire, "it is nobody's command")
	require.ErrorContains(t, script.EvalSha(ctx, c, nil).Err(), "NOSCRIPT")
	require.Equal(t, int64(7), script.Run(ctx, c, nil).Val(), "a client that knows how goes on")
}

func TestFaultFailover(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, f fake) {
		ctx, c, post := t.Context(), f.named(t, "web"), f.web(t)
		script := redis.NewScript("return 7")
		require.NoError(t, script.Load(ctx, c).Err())
		_, _, err := post("/ping", "")
		require.NoError(t, err)
		require.EqualValues(t, 1, f.Ledger().Snapshot().Connections.Open)
		require.EqualValues(t, 1, f.Ledger().Snapshot().RESTConnections.Open)

		name := f.fault(t, "failover,downtime=10s")
		require.Zero(t, f.Ledger().Snapshot().Connections.Open, "at once")
		require.Zero(t, f.Ledger().Snapshot().RESTConnections.Open)
		require.Error(t, c.Ping(ctx).Err(), "it was dropped")
		require.Error(t, c.Ping(ctx).Err(), "it cannot connect")
		_, _, err = post("/ping", "")
		require.Error(t, err)
		require.Positive(t, f.Ledger().Snapshot().Connections.Refused)
		time.Sleep(10 * time.Second)
		synctest.Wait()
		require.NoError(t, c.Ping(ctx).Err())
		_, _, err = post("/ping", "")
		require.NoError(t, err)
		require.ErrorContains(t, script.EvalSha(ctx, c, nil).Err(), "NOSCRIPT")
		require.EqualValues(t, 1, f.Ledger().Snapshot().Connections.Open)
		require.EqualValues(t, 1, f.Ledger().Snapshot().RESTConnections.Open)
		report, err := f.Faults().Get(name)
		require.NoError(t, err)
		require.Equal(t, int64(1), report.Fired)
		require.Equal(t, faults.Ended, report.State)
	})
}

// Clients that reconnect survive a failover an hour, with no more than an error
// each time.
func TestFaultFailoverEveryHour(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, f fake) {
		c := f.named(t, "web")
		name := f.fault(t, "failover,every=1h,for=24h,after=30m")
		failures := 0
		for range 24 * 60 {
			if c.Incr(t.Context(), "n").Err() != nil {
				failures++
			}
			time.Sleep(time.Minute)
		}
		synctest.Wait()
		report, err := f.Faults().Get(name)
		require.NoError(t, err)
		require.Equal(t, int64(24), report.Fired)
		require.LessOrEqual(t, failures, 24)
		n, err := c.Get(t.Context(), "n").Int()
		require.NoError(t, err)
		require.GreaterOrEqual(t, n, 24*60-failures)
		require.LessOrEqual(t, n, 24*60, "an answer that was lost is not asked for again")
	})
}

func TestDropConnectionsCountsAtOnce(t *testing.T) {
	f := start(t, settings(t))
	c := f.named(t, "jobs")
	waiting := make(chan error, 1)
	go func() { waiting <- c.BLPop(context.WithoutCancel(t.Context()), 0, "nothing").Err() }()
	require.Eventually(t, func() bool { return f.Ledger().Snapshot().ByCommand["BLPOP"].Wire == 1 }, 10*time.Second, time.Millisecond)
	f.DropConnections()
	snapshot := f.Ledger().Snapshot()
	require.Zero(t, snapshot.Connections.Open)
	require.Zero(t, snapshot.ConnectionsByComponent["jobs"].Open)
	require.Error(t, <-waiting)
}

func TestFaultQuotaSpent(t *testing.T) {
	for limit, text := range map[int64]string{0: "Limit: 500000, Usage: 500000", 1000: "Limit: 1000, Usage: 1000"} {
		cfg := settings(t)
		cfg.Plan.MonthlyCommands = limit
		f := start(t, cfg)
		ctx, post := t.Context(), f.web(t)
		name := f.fault(t, "quota-spent")
		c := f.named(t, "late") // connecting works
		before := f.Ledger().Snapshot()
		require.ErrorContains(t, c.Get(ctx, "k").Err(), "ERR max requests limit exceeded. "+text)
		require.NoError(t, c.Ping(ctx).Err())
		status, answer, err := post("/get/k", "")
		require.NoError(t, err)
		require.Equal(t, http.StatusBadRequest, status)
		require.Contains(t, answer, text)
		_, answer, err = post("/multi-exec", `[["SET","k","v"]]`)
		require.NoError(t, err)
		require.Contains(t, answer, text)
		window := f.Ledger().Snapshot().Since(before)
		require.Zero(t, window.Total.Billed)
		require.Equal(t, int64(3), window.Rejected)
		report, err := f.Faults().Remove(name)
		require.NoError(t, err)
		require.Positive(t, report.Fired)
		require.ErrorIs(t, c.Get(ctx, "k").Err(), redis.Nil)
	}
}

func TestFaultClockJump(t *testing.T) {
	limited := func(cfg *upstash.Config) { cfg.Plan.MonthlyCommands = 6 }
	inBubble(t, limited, func(t *testing.T, f fake) {
		ctx, c := t.Context(), f.named(t, "web") // CLIENT SETNAME is billed
		require.NoError(t, c.Set(ctx, "short", "v", time.Hour).Err())
		require.NoError(t, c.Set(ctx, "long", "v", 1000*time.Hour).Err())
		f.fault(t, "clock-jump,by=2h")
		require.ErrorIs(t, c.Get(ctx, "short").Err(), redis.Nil)
		require.Equal(t, 998*time.Hour, c.TTL(ctx, "long").Val())
		require.NoError(t, c.Get(ctx, "long").Err())
		require.ErrorContains(t, c.Get(ctx, "long").Err(), "max requests limit exceeded")
		f.fault(t, "clock-jump,by=744h,after=1s")
		time.Sleep(2 * time.Second)
		require.NoError(t, c.Get(ctx, "long").Err(), "it is another month")
		recent := f.Ledger().Recent()
		require.Equal(t, 746*time.Hour, time.Until(recent[len(recent)-1].At).Round(time.Minute))
		f.fault(t, "clock-jump,by=-744h")
		require.Equal(t, 998*time.Hour, c.TTL(ctx, "long").Val().Round(time.Hour))
	})
}

// foreign is an engine whose clock is its own.
type foreign struct{ engine.Engine }

func TestFaultClockJumpNeedsTheEmbeddedEngine(t *testing.T) {
	embedded, err := engine.NewEmbedded()
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, embedded.Close()) })
	cfg := settings(t)
	cfg.Engine = foreign{embedded}
	f := start(t, cfg)
	_, err = f.Faults().Add(faults.Fault{Kind: faults.ClockJump, By: time.Hour})
	require.ErrorIs(t, err, errors.ErrUnsupported)
	f.fault(t, "script-flush") // the others work on any engine
}

func TestFaultRefuse(t *testing.T) {
	onEveryDoor(t, func(t *testing.T, f fake, o *redis.Options) {
		o.MaxRetries, o.DialerRetries, o.PoolSize = -1, 1, 1
		ctx, open := t.Context(), f.named(t, "open")
		f.fault(t, "refuse,name=full,transport=tcp,text=ERR max concurrent connections exceeded")
		conn, err := o.Dialer(ctx, "tcp", o.Addr)
		require.NoError(t, err)
		told, err := io.ReadAll(conn)
		require.NoError(t, err)
		conn.Close()
		require.Equal(t, "-ERR max concurrent connections exceeded\r\n", string(told))
		require.NoError(t, open.Ping(ctx).Err(), "those that are open stay")
		require.Equal(t, int64(1), f.Ledger().Snapshot().Connections.Refused)
		f.Faults().Clear()
		f.fault(t, "refuse,name=shut")
		require.Error(t, client(t, o).Ping(ctx).Err())
		require.GreaterOrEqual(t, f.Ledger().Snapshot().Connections.Refused, int64(2))
		f.Faults().Clear()
		require.NoError(t, client(t, o).Ping(ctx).Err())
	})
}

func TestFaultHalfOpen(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, f fake) {
		o := f.options()
		o.MaxRetries, o.PoolSize, o.ReadTimeout = -1, 1, 3*time.Second
		ctx, c := t.Context(), client(t, o)
		require.NoError(t, c.Ping(ctx).Err())
		f.fault(t, "half-open,name=stuck")
		for range 2 { // on the connection that was open, and on a new one
			var timeout net.Error
			require.Equal(t, 3*time.Second, took(func() { require.ErrorAs(t, c.Ping(ctx).Err(), &timeout) }))
			require.True(t, timeout.Timeout())
		}
		require.EqualValues(t, 2, f.Ledger().Snapshot().Connections.Open, "the server has not noticed that the client left")
		f.Faults().Clear()
		require.NoError(t, c.Ping(ctx).Err())
		synctest.Wait()
		require.EqualValues(t, 1, f.Ledger().Snapshot().Connections.Open)
	})
}

func TestFaultReset(t *testing.T) {
	cfg := settings(t)
	cfg.Network = memnet.TCP()
	f := start(t, cfg)
	c := f.named(t, "web")
	conn, err := f.network.DialContext(t.Context(), "tcp", f.RESPAddr())
	require.NoError(t, err)
	defer conn.Close()
	_, err = io.WriteString(conn, "PING\r\n")
	require.NoError(t, err)
	_, err = io.ReadFull(conn, make([]byte, len("-NOAUTH Authentication required\r\n")))
	require.NoError(t, err)
	f.fault(t, "reset,name=cut,transport=tcp")
	_, err = io.ReadAll(conn)
	require.ErrorIs(t, err, syscall.ECONNRESET)
	f.Faults().Clear()
	require.NoError(t, c.Ping(t.Context()).Err(), "a client that looks before it writes notices nothing")
}

func TestFaultsOverREST(t *testing.T) {
	f := start(t, settings(t))
	post := f.web(t)
	before := f.Ledger().Snapshot()
	f.fault(t, "lost-answer,command=INCR,transport=rest,count=1")
	_, _, err := post("/", `["INCR","n"]`)
	require.Error(t, err)
	_, answer, err := post("/", `["INCR","n"]`)
	require.NoError(t, err)
	require.JSONEq(t, `{"result":2}`, answer, "the first has run")

	f.fault(t, "status,code=503,json=true,text=down,retry-after=1s,count=3")
	for path, body := range map[string]string{"/get/n": "", "/pipeline": `[["GET","n"],["GET","n"]]`, "/multi-exec": `[["GET","n"]]`} {
		status, answer, err := post(path, body)
		require.NoError(t, err)
		require.Equal(t, 503, status)
		require.JSONEq(t, `{"error":"down"}`, answer)
	}
	window := f.Ledger().Snapshot().Since(before)
	require.Equal(t, int64(2), window.Total.Billed)
	require.Equal(t, int64(4), window.Rejected)

	f.fault(t, "truncate,count=1")
	_, _, err = post("/get/n", "")
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
}

// A stream of events is a request as any other.
func TestFaultOfAStream(t *testing.T) {
	f := start(t, settings(t))
	f.fault(t, "status,code=502,command=SUBSCRIBE,count=1")
	subscribeErr := func() (*http.Response, error) {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, f.RESTURL()+"/subscribe/chat", http.NoBody)
		require.NoError(t, err)
		req.Header.Set("Authorization", "Bearer "+token)
		req.Header.Set("Accept", "text/event-stream")
		transport := &http.Transport{DialContext: f.network.DialContext}
		t.Cleanup(transport.CloseIdleConnections)
		res, err := transport.RoundTrip(req)
		if err == nil {
			t.Cleanup(func() { res.Body.Close() })
		}
		return res, err
	}
	subscribe := func() *http.Response {
		res, err := subscribeErr()
		require.NoError(t, err)
		return res
	}
	require.Equal(t, 502, subscribe().StatusCode)
	res := subscribe()
	require.Equal(t, 200, res.StatusCode)
	f.fault(t, "lost-answer,command=SUBSCRIBE,count=1")
	_, err := subscribeErr()
	require.Error(t, err)
	line := make([]byte, len("data: subscribe,chat,1"))
	_, err = io.ReadFull(res.Body, line)
	require.NoError(t, err)
	require.Equal(t, "data: subscribe,chat,1", string(line), "events flow through the handler of the faults")
}

func TestFaultsOverAdmin(t *testing.T) {
	f := start(t, settings(t))
	transport := &http.Transport{DialContext: f.network.DialContext}
	t.Cleanup(transport.CloseIdleConnections)
	call := func(method, path, body string) (int, string) {
		req, err := http.NewRequestWithContext(t.Context(), method, f.AdminURL()+path, strings.NewReader(body))
		require.NoError(t, err)
		res, err := transport.RoundTrip(req)
		require.NoError(t, err)
		defer res.Body.Close()
		text, err := io.ReadAll(res.Body)
		require.NoError(t, err)
		return res.StatusCode, string(text)
	}
	status, text := call("POST", "/faults", `{"kind":"loading","name":"l"}`)
	require.Equal(t, 201, status, text)
	_, answer, err := f.web(t)("/get/k", "")
	require.NoError(t, err)
	require.Contains(t, answer, "LOADING")
	status, text = call("DELETE", "/faults/l", "")
	require.Equal(t, 200, status)
	require.Contains(t, text, `"fired":1`)
	status, _ = call("GET", "/ledger", "")
	require.Equal(t, 200, status, "the rest of the admin door is where it was")
}

// Everything at once, for the race detector and the leak check.
func TestFaultsSwitchedUnderTraffic(t *testing.T) {
	for _, network := range []string{"mem", "tcp"} {
		t.Run(network, func(t *testing.T) {
			cfg := settings(t)
			if network == "tcp" {
				cfg.Network = memnet.TCP()
			}
			f := start(t, cfg)
			ctx, cancel := context.WithCancel(t.Context())
			var traffic sync.WaitGroup
			for i := range 4 {
				o := f.options()
				if i%2 == 0 {
					o = f.secure(o)
				}
				o.ClientName, o.ReadTimeout = "cache", time.Second
				c, post := client(t, o), f.web(t)
				traffic.Go(func() {
					for ctx.Err() == nil {
						c.Incr(ctx, "tcp") // it may fail
					}
				})
				traffic.Go(func() {
					for ctx.Err() == nil {
						_, _, _ = post("/incr/rest", "")
					}
				})
			}
			for range 20 {
				for _, spec := range []string{
					"latency,delay=1ms,jitter=1ms,component=cache,direction=both", "bandwidth,rate=100000,transport=tcp",
					"half-open,probability=0.2", "reset,probability=0.2", "refuse,probability=0.2", "status,code=503,probability=0.2",
					"slow-body,rate=10000", "truncate,probability=0.1", "lost-answer,probability=0.1", "loading,probability=0.1",
					"script-flush", "failover,downtime=1ms", "quota-spent,for=1ms", "clock-jump,by=1s", "readonly,after=1ms",
				} {
					f.fault(t, spec)
				}
				f.Faults().Clear()
			}
			cancel()
			traffic.Wait()
			c := f.named(t, "after")
			require.NoError(t, c.Set(t.Context(), "k", "v", 0).Err())
			require.Equal(t, "v", c.Get(t.Context(), "k").Val())
			status, _, err := f.web(t)("/get/k", "")
			require.NoError(t, err)
			require.Equal(t, 200, status)
		})
	}
}
