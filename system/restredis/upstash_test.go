package restredis_test

import (
	"context"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tollgate/fakes/memnet"
	"tollgate/fakes/upstash"
	"tollgate/system/restredis"
)

// newUpstash starts the fake Upstash in memory and returns a client of it.
func newUpstash(t *testing.T, plan upstash.Plan, changes ...func(*restredis.Config)) (*upstash.Server, *restredis.Client) {
	t.Helper()
	network := memnet.New()
	server, err := upstash.Start(context.Background(), upstash.Config{
		Network: network, RESTAddr: "127.0.0.1:80", Plan: plan,
		Tokens: []upstash.Token{{Value: token, Component: "rest"}, {Value: "reader", ReadOnly: true}},
	})
	require.NoError(t, err)
	t.Cleanup(func() {
		_ = server.Close()
		_ = network.Close()
	})
	cfg := restredis.Config{URL: server.RESTURL(), Token: token, Component: "cache", DialContext: network.DialContext}
	for _, change := range changes {
		change(&cfg)
	}
	c, err := restredis.New(cfg)
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close() })
	return server, c
}

// Whatever the bytes of key and value: what was set is what is read. The API
// has no form for an empty one beside one that is not UTF-8: that is refused.
func TestAnyKeyAndValueComeBack(t *testing.T) {
	_, c := newUpstash(t, upstash.Plan{})
	ctx := t.Context()
	bytes := rapid.OneOf(
		rapid.SliceOfN(rapid.Byte(), 0, 60),
		rapid.Map(rapid.String(), func(s string) []byte { return []byte(s) }),
		rapid.Map(rapid.SampledFrom([]string{"OK", "", ".", "..", "a/b", "%2F", "a b+c", "?EX=1", "\x00", "\r\n", "\u2028", "\"\\", "[]"}), func(s string) []byte { return []byte(s) }),
	)
	rapid.Check(t, func(t *rapid.T) {
		key, value := string(bytes.Draw(t, "key")), bytes.Draw(t, "value")
		ttl := rapid.SampledFrom([]time.Duration{0, time.Minute, 1500 * time.Millisecond}).Draw(t, "ttl")
		if err := c.Set(ctx, key, value, ttl); err != nil {
			require.ErrorIs(t, err, restredis.ErrArgument)
			require.False(t, utf8.ValidString(key) && utf8.Valid(value), "refused without need")
			require.True(t, len(key) == 0 || len(value) == 0 || key == "." || key == "..", "refused without need")
			return
		}
		got, found, err := c.Get(ctx, key)
		require.NoError(t, err)
		require.True(t, found)
		require.Equal(t, value, append([]byte{}, got...))

		values, err := c.MGet(ctx, "no such key", key)
		if err == nil { // a key that is not UTF-8 goes last: it is the body
			require.Nil(t, values[0])
			require.Equal(t, string(value), string(values[1]))
		}
		n, err := c.Del(ctx, key)
		require.NoError(t, err)
		require.EqualValues(t, 1, n)
	})
}

func TestDeletePatternAgainstTheFake(t *testing.T) {
	_, c := newUpstash(t, upstash.Plan{})
	ctx := t.Context()
	commands := make([][]any, 0, 1300)
	for i := range 1300 {
		commands = append(commands, []any{"SET", "user:" + string(rune('a'+i%26)) + time.Duration(i).String(), "v"})
	}
	_, err := c.Pipeline(ctx, commands)
	require.NoError(t, err)
	require.NoError(t, c.Set(ctx, "other", []byte("v"), 0))
	n, err := c.DeletePattern(ctx, "user:*")
	require.NoError(t, err)
	require.EqualValues(t, 1300, n)
	left, err := c.Do(ctx, "DBSIZE")
	require.NoError(t, err)
	require.EqualValues(t, 1, left)
}

func TestComponentsAreToldApart(t *testing.T) {
	server, c := newUpstash(t, upstash.Plan{})
	before := server.Ledger().Snapshot()
	require.NoError(t, c.Ping(t.Context()))
	require.NoError(t, c.Set(t.Context(), "k", []byte("v"), 0))
	_, _, err := c.As("ratelimit").Get(t.Context(), "k")
	require.NoError(t, err)
	window := server.Ledger().Snapshot().Since(before)
	require.EqualValues(t, 2, window.ByComponent["cache"].Wire)
	require.EqualValues(t, 1, window.ByComponent["cache"].Billed)
	require.EqualValues(t, 1, window.ByComponent["ratelimit"].Wire)
	require.LessOrEqual(t, window.RESTConnections.Opened, int64(restredis.DefaultMaxConns))
}

func TestErrorsOfTheFakeAreTyped(t *testing.T) {
	_, c := newUpstash(t, upstash.Plan{MonthlyCommands: 4})
	ctx := t.Context()
	require.NoError(t, c.Set(ctx, "k", []byte("text"), 0))
	_, err := c.Do(ctx, "INCR", "k")
	require.ErrorIs(t, err, restredis.ErrCommand)
	_, err = c.Eval(ctx, "return redis.call('GET', KEYS[1])", []string{"k"})
	require.NoError(t, err)
	for err == nil {
		_, _, err = c.Get(ctx, "k")
	}
	require.ErrorIs(t, err, restredis.ErrQuota)
	require.Zero(t, c.Stats().Retries)
	require.NoError(t, c.Ping(ctx), "PING is not billed")
}

func TestCredentialsAreChecked(t *testing.T) {
	_, wrong := newUpstash(t, upstash.Plan{}, func(c *restredis.Config) { c.Token = "wrong-token" })
	err := wrong.Ping(t.Context())
	require.ErrorIs(t, err, restredis.ErrAuth)
	require.Equal(t, 401, failure(t, err, "wrong-token").Status)

	_, reader := newUpstash(t, upstash.Plan{}, func(c *restredis.Config) { c.Token = "reader" })
	require.NoError(t, reader.Ping(t.Context()))
	require.ErrorIs(t, reader.Set(t.Context(), "k", nil, 0), restredis.ErrAuth)
}

func TestTransactionAndScript(t *testing.T) {
	_, c := newUpstash(t, upstash.Plan{})
	ctx := t.Context()
	results, err := c.MultiExec(ctx, [][]any{{"SET", "n", 1}, {"INCR", "n"}, {"GET", "n"}})
	require.NoError(t, err)
	require.Equal(t, []restredis.Result{{Value: "OK"}, {Value: int64(2)}, {Value: "2"}}, results)
	for range 2 {
		value, err := c.Eval(ctx, "return {KEYS[1], ARGV[1], redis.call('GET', 'n')}", []string{"k"}, "\u00e9")
		require.NoError(t, err)
		require.Equal(t, []any{"k", "\u00e9", "2"}, value)
	}
}
