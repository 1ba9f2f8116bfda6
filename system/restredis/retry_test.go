package restredis_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/system/restredis"
)

// hang never answers; the client's timeout ends the request.
func hang(_ int, _ http.ResponseWriter, r *http.Request, _ string) { <-r.Context().Done() }

func TestRetryRulesByCommand(t *testing.T) {
	commands := []struct {
		args       []any
		idempotent bool
	}{
		{[]any{"GET", "k"}, true},
		{[]any{"mget", "k"}, true},
		{[]any{"SET", "k", "v"}, true},
		{[]any{"SET", "k", "v", "EX", 5}, true},
		{[]any{"SET", "NX", "XX", "EX", 5}, true}, // a key and a value, not options
		{[]any{"SET", "k", "v", "nx"}, false},
		{[]any{"SET", "k", "v", "EX", 5, "XX"}, false},
		{[]any{"SET", "k", "v", "GET"}, false},
		{[]any{"SET", "k", "v", "IFEQ", "w"}, false},
		{[]any{"DEL", "k"}, true},
		{[]any{"EXISTS", "k"}, true},
		{[]any{"EXPIRE", "k", 5}, true},
		{[]any{"PEXPIRE", "k", 5}, true},
		{[]any{"ZADD", "z", 1, "m"}, true},
		{[]any{"ZADD", "z", "NX", "CH", 1, "INCR"}, true}, // a member, not an option
		{[]any{"ZADD", "z", "XX", "incr", 1, "m"}, false},
		{[]any{"ZREM", "z", "m"}, true},
		{[]any{"ZREMRANGEBYSCORE", "z", 0, 1}, true},
		{[]any{"ZCARD", "z"}, true},
		{[]any{"ZCOUNT", "z", 0, 1}, true},
		{[]any{"ZLEXCOUNT", "z", "-", "+"}, true},
		{[]any{"ZRANGEBYLEX", "z", "-", "+"}, true},
		{[]any{"SCAN", 0}, true},
		{[]any{"PING"}, true},
		{[]any{"INCR", "k"}, false},
		{[]any{"INCRBY", "k", 2}, false},
		{[]any{"LPUSH", "l", "v"}, false},
		{[]any{"ZPOPMIN", "z"}, false},
		{[]any{"GETDEL", "k"}, false},
		{[]any{"EVAL", "return 1", 0}, false},
		{[]any{"EVALSHA", "abc", 0}, false},
		{[]any{"SOMETHING.NEW", "k"}, false},
	}
	faults := map[string]struct {
		handle            func(int, http.ResponseWriter, *http.Request, string)
		refuse            error
		always, idemotent bool // retried: whatever the command; only when idempotent
	}{
		"lost answer": {handle: answers(hangUp), idemotent: true},
		"timeout":     {handle: hang, idemotent: true},
		"502":         {handle: answers(status(502, "")), idemotent: true},
		"dial":        {handle: answers(hangUp), refuse: errRefused, always: true},
		"429":         {handle: answers(status(429, "")), always: true},
		"400":         {handle: answers(status(400, `{"error":"ERR no"}`))},
		"quota":       {handle: answers(status(400, `{"error":"ERR max requests limit exceeded. Limit: 500000"}`))},
		"401":         {handle: answers(status(401, ""))},
		"413":         {handle: answers(status(413, ""))},
		"404":         {handle: answers(status(404, ""))},
	}
	for name, fault := range faults {
		for _, command := range commands {
			t.Run(fmt.Sprint(name, command.args), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					a := newAPI(t, fault.handle)
					a.setRefuse(fault.refuse)
					c := a.client(t, func(cfg *restredis.Config) {
						cfg.Timeout = time.Second
						cfg.Retry = restredis.Retry{MaxAttempts: 2}
					})
					_, err := c.Do(t.Context(), command.args...)
					require.Error(t, err)
					want := int64(0)
					if fault.always || (fault.idemotent && command.idempotent) {
						want = 1
					}
					require.Equal(t, want, c.Stats().Retries)
				})
			})
		}
	}
}

func TestBatchIsRetriedOnlyWhenAllItsCommandsMayBe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAPI(t, answers(status(503, "")))
		c := a.client(t, func(cfg *restredis.Config) { cfg.Retry.MaxAttempts = 2 })
		_, err := c.Pipeline(t.Context(), [][]any{{"GET", "k"}, {"SET", "k", "v"}})
		require.ErrorIs(t, err, restredis.ErrServer)
		require.EqualValues(t, 1, c.Stats().Retries)
		_, err = c.MultiExec(t.Context(), [][]any{{"GET", "k"}, {"INCR", "n"}})
		require.ErrorIs(t, err, restredis.ErrServer)
		require.EqualValues(t, 1, c.Stats().Retries)
	})
}

func TestRetryMakesGoodAndIsCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAPI(t, answers(hangUp, status(503, ""), status(429, ""), result(`"OK"`)))
		c := a.client(t)
		require.NoError(t, c.Set(t.Context(), "k", []byte("v"), 0))
		require.Equal(t, restredis.Stats{Requests: 1, Retries: 3, NetworkErrors: 1}, c.Stats())
		for _, request := range a.seen() {
			require.Equal(t, `["SET","k","v"]`, request.body)
		}
	})
}

func TestPausesAreJitteredBelowADoublingLimit(t *testing.T) {
	longest := make([]time.Duration, 3)
	for range 200 {
		synctest.Test(t, func(t *testing.T) {
			var at []time.Time
			a := newAPI(t, func(_ int, w http.ResponseWriter, _ *http.Request, _ string) {
				at = append(at, time.Now())
				status(503, "")(w)
			})
			c := a.client(t, func(cfg *restredis.Config) {
				cfg.Retry = restredis.Retry{MaxAttempts: 4, Base: 100 * time.Millisecond, Max: 300 * time.Millisecond}
			})
			require.ErrorIs(t, c.Ping(t.Context()), restredis.ErrServer)
			require.Len(t, at, 4)
			for i := range longest {
				longest[i] = max(longest[i], at[i+1].Sub(at[i]))
			}
		})
	}
	for i, limit := range []time.Duration{100 * time.Millisecond, 200 * time.Millisecond, 300 * time.Millisecond} {
		require.LessOrEqual(t, longest[i], limit)
		require.Greater(t, longest[i], limit*8/10, "200 draws should come close to the limit")
	}
}

func TestRetryAfterIsHonouredWithinTheBound(t *testing.T) {
	tests := map[string]struct {
		header   func() string
		want     time.Duration
		requests int
	}{
		"seconds":        {func() string { return "3" }, 3 * time.Second, 2},
		"date":           {func() string { return time.Now().Add(4 * time.Second).UTC().Format(http.TimeFormat) }, 4 * time.Second, 2},
		"past the bound": {func() string { return "11" }, 0, 1},
		"absurd":         {func() string { return "999999999999" }, 0, 1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := newAPI(t, func(n int, w http.ResponseWriter, _ *http.Request, _ string) {
					if n == 1 {
						status(429, "", "Retry-After", test.header())(w)
						return
					}
					result("1")(w)
				})
				start := time.Now()
				_, err := a.client(t).Do(t.Context(), "INCR", "k")
				if test.requests == 1 {
					require.ErrorIs(t, err, restredis.ErrThrottled)
				} else {
					require.NoError(t, err)
				}
				require.Equal(t, test.want, time.Since(start))
				require.Len(t, a.seen(), test.requests)
			})
		})
	}
}

func TestAttemptsAreBoundedInCountAndTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAPI(t, hang)
		c := a.client(t, func(cfg *restredis.Config) {
			cfg.Retry = restredis.Retry{MaxAttempts: 100, MaxElapsed: 12 * time.Second}
		})
		start := time.Now()
		_, _, err := c.Get(t.Context(), "k")
		require.EqualError(t, err, "restredis: GET: network: no answer within 5s")
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.LessOrEqual(t, time.Since(start), 12*time.Second+restredis.DefaultTimeout)
		require.GreaterOrEqual(t, c.Stats().Retries, int64(1))
		require.Equal(t, c.Stats().Retries+1, c.Stats().NetworkErrors)

		c = a.client(t)
		_, _, err = c.Get(t.Context(), "k")
		require.ErrorIs(t, err, restredis.ErrNetwork)
		require.LessOrEqual(t, c.Stats().Retries, int64(restredis.DefaultMaxAttempts-1))
	})
}

func TestContextEndsARequestAndAPause(t *testing.T) {
	tests := map[string]struct {
		handle func(int, http.ResponseWriter, *http.Request, string)
		end    func(ctx context.Context) (context.Context, context.CancelFunc)
		kind   restredis.Kind
		is     error
		errors int64
	}{
		"cancel in a request": {
			hang, cancelAfter, restredis.KindCanceled, context.Canceled, 0,
		},
		"deadline in a request": {
			hang, func(ctx context.Context) (context.Context, context.CancelFunc) {
				return context.WithTimeout(ctx, time.Second)
			},
			restredis.KindNetwork, context.DeadlineExceeded, 1,
		},
		"cancel in a pause": {
			answers(status(429, "", "Retry-After", "5")), cancelAfter, restredis.KindCanceled, context.Canceled, 0,
		},
		"deadline in a pause": {
			answers(status(429, "", "Retry-After", "5")),
			func(ctx context.Context) (context.Context, context.CancelFunc) {
				return context.WithTimeout(ctx, time.Second)
			},
			restredis.KindNetwork, context.DeadlineExceeded, 0,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := newAPI(t, test.handle)
				c := a.client(t)
				ctx, cancel := test.end(t.Context())
				defer cancel()
				start := time.Now()
				_, _, err := c.Get(ctx, "k")
				require.Equal(t, time.Second, time.Since(start))
				require.Equal(t, test.kind, failure(t, err).Kind)
				require.ErrorIs(t, err, test.is)
				require.Equal(t, restredis.Stats{Requests: 1, NetworkErrors: test.errors}, c.Stats())
			})
		})
	}
}

// cancelAfter cancels a context after a second.
func cancelAfter(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	time.AfterFunc(time.Second, cancel)
	return ctx, cancel
}

func TestWaitingForAConnectionIsBoundedAndSendsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAPI(t, hang)
		c := a.client(t, func(cfg *restredis.Config) { cfg.MaxConns, cfg.Retry.MaxAttempts = 1, 2 })
		go func() { _, _ = c.Do(context.Background(), "BLOCKER") }() // holds the connection for 5 s
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second-time.Millisecond)
		defer cancel()
		_, err := c.Do(ctx, "INCR", "k")
		require.ErrorIs(t, err, restredis.ErrNetwork)
		require.Len(t, a.seen(), 1, "the INCR was never sent")
		time.Sleep(time.Minute)
	})
}

// A dial or a TLS handshake that hangs must give its place among MaxConns back: net/http goes on with it for a later request
// when the one that asked for it is over.
func TestHungDialsEnd(t *testing.T) {
	t.Run("dial", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			a := newAPI(t, answers(result("1")))
			dials := 0
			c := a.client(t, once, func(cfg *restredis.Config) {
				cfg.MaxConns = 1
				cfg.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
					if dials++; dials == 1 {
						<-ctx.Done()
						return nil, ctx.Err()
					}
					return a.dial(ctx, network, address)
				}
			})
			_, err := c.Exists(t.Context(), "k")
			require.ErrorIs(t, err, restredis.ErrNetwork)
			_, err = c.Exists(t.Context(), "k")
			require.NoError(t, err)
		})
	})
	t.Run("handshake", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			ended := make(chan struct{})
			c, err := restredis.New(restredis.Config{
				URL: "https://redis.test", Token: token, Component: "cache", Retry: restredis.Retry{MaxAttempts: 1},
				DialContext: func(context.Context, string, string) (net.Conn, error) {
					ours, theirs := net.Pipe()
					go func() {
						_, _ = io.Copy(io.Discard, theirs) // a server that listens and never answers
						close(ended)
					}()
					return ours, nil
				},
			})
			require.NoError(t, err)
			_, err = c.Exists(t.Context(), "k")
			require.ErrorIs(t, err, restredis.ErrNetwork)
			time.Sleep(restredis.DefaultTimeout)
			select {
			case <-ended:
			default:
				require.Fail(t, "the handshake goes on")
			}
			require.NoError(t, c.Close())
		})
	})
}
