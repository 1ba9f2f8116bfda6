package tcpredis_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/alicebob/miniredis/v2/server"
	"github.com/stretchr/testify/require"

	"tollgate/system/tcpredis"
)

func TestStoreSendsOneCommandACall(t *testing.T) {
	s := newRedisServer(t)
	store := tcpredis.NewStore(s.client(t, nil))
	ctx := t.Context()
	require.NoError(t, store.Ping(ctx))
	s.seen()
	tests := []struct {
		call func() error
		want string
	}{
		{func() error { return store.Set(ctx, "k", []byte("v"), 0) }, "SET k v"},
		{func() error { return store.Set(ctx, "k", []byte("v"), time.Minute) }, "SET k v ex 60"},
		{func() error { return store.Set(ctx, "k", []byte("v"), 1500*time.Millisecond) }, "SET k v px 1500"},
		{func() error { return store.Set(ctx, "k", []byte("v"), time.Nanosecond) }, "SET k v px 1"},
		{func() error { _, _, err := store.Get(ctx, "k"); return err }, "GET k"},
		{func() error { _, err := store.MGet(ctx, "k", "l"); return err }, "MGET k l"},
		{func() error { _, err := store.Del(ctx, "k", "l"); return err }, "DEL k l"},
		{func() error { _, err := store.Exists(ctx, "k", "l"); return err }, "EXISTS k l"},
		{func() error { _, err := store.Expire(ctx, "k", time.Minute); return err }, "EXPIRE k 60"},
		{func() error { _, err := store.Expire(ctx, "k", 1500*time.Millisecond); return err }, "PEXPIRE k 1500"},
		{func() error { _, err := store.ZAdd(ctx, "z", 1.5, "m"); return err }, "ZADD z 1.5 m"},
		{func() error { _, err := store.ZAdd(ctx, "z", 0, "m", "n"); return err }, "ZADD z 0 m 0 n"},
		{func() error { _, err := store.ZCard(ctx, "z"); return err }, "ZCARD z"},
		{func() error { _, err := store.ZCount(ctx, "z", "-inf", "(5"); return err }, "ZCOUNT z -inf (5"},
		{func() error { _, err := store.ZRem(ctx, "z", "m", "n"); return err }, "ZREM z m n"},
		{func() error { _, err := store.ZRemRangeByScore(ctx, "z", "0", "1"); return err }, "ZREMRANGEBYSCORE z 0 1"},
		{func() error { _, err := store.ZLexCount(ctx, "z", "-", "[b"); return err }, "ZLEXCOUNT z - [b"},
		{func() error { _, err := store.ZRangeByLex(ctx, "z", "-", "+", 0); return err }, "ZRANGEBYLEX z - +"},
		{func() error { _, err := store.ZRangeByLex(ctx, "z", "-", "+", 3); return err }, "ZRANGEBYLEX z - + limit 0 3"},
		{func() error { _, err := store.DeletePattern(ctx, "none:*"); return err }, "SCAN 0 match none:* count 1000"},
	}
	for i, test := range tests {
		require.NoError(t, test.call(), test.want)
		require.Equal(t, []string{test.want}, s.seen())
		require.EqualValues(t, i+2, store.Stats().Requests)
	}
}

func TestStoreSendsNothingForNothing(t *testing.T) {
	s := newRedisServer(t)
	store := tcpredis.NewStore(s.client(t, nil))
	values, err := store.MGet(t.Context())
	require.NoError(t, err)
	require.Nil(t, values)
	for _, call := range []func() (int64, error){
		func() (int64, error) { return store.Del(t.Context()) },
		func() (int64, error) { return store.Exists(t.Context()) },
		func() (int64, error) { return store.ZRem(t.Context(), "z") },
		func() (int64, error) { return store.ZAdd(t.Context(), "z", 0) },
	} {
		n, err := call()
		require.NoError(t, err)
		require.Zero(t, n)
	}
	require.ErrorIs(t, store.Set(t.Context(), "k", nil, -1), tcpredis.ErrArgument)
	_, err = store.Expire(t.Context(), "k", 0)
	require.ErrorIs(t, err, tcpredis.ErrArgument)
	require.Empty(t, s.seen())
}

func TestDeletePatternDeletesInChunks(t *testing.T) {
	s := newRedisServer(t)
	store := tcpredis.NewStore(s.client(t, nil))
	for i := range 1200 {
		require.NoError(t, s.Set(fmt.Sprintf("user:%d", i), "v"))
	}
	require.NoError(t, s.Set("other", "v"))
	n, err := store.DeletePattern(t.Context(), "user:*")
	require.NoError(t, err)
	require.EqualValues(t, 1200, n)
	require.Equal(t, []string{"other"}, s.Keys())
	for _, command := range s.seen() {
		require.LessOrEqual(t, len(strings.Fields(command)), 501)
	}
}

func TestDeletePatternKeepsADelUnderAMegabyte(t *testing.T) {
	s := newRedisServer(t)
	store := tcpredis.NewStore(s.client(t, nil))
	for i := range 100 {
		require.NoError(t, s.Set(fmt.Sprintf("%d:%s", i, strings.Repeat("k", 30<<10)), "v"))
	}
	n, err := store.DeletePattern(t.Context(), "*")
	require.NoError(t, err)
	require.EqualValues(t, 100, n)
	for _, command := range s.seen() {
		require.LessOrEqual(t, len(command), 1<<20+1000)
	}
}

func TestDeletePatternStopsAtABadCursor(t *testing.T) {
	s := newRedisServer(t)
	s.setAnswer(func(c *server.Peer, cmd string) bool {
		if cmd != "SCAN" {
			return false
		}
		c.WriteLen(2)
		c.WriteBulk("7")
		c.WriteLen(0)
		return true
	})
	store := tcpredis.NewStore(s.client(t, nil))
	_, err := store.DeletePattern(t.Context(), "*")
	require.ErrorIs(t, err, tcpredis.ErrScan)
	require.ErrorContains(t, err, "cursor 7 came back")
}

func TestDeletePatternReportsWhatItDeletedBeforeAnError(t *testing.T) {
	s := newRedisServer(t)
	for i := range 700 {
		require.NoError(t, s.Set(fmt.Sprintf("user:%d", i), "v"))
	}
	dels := 0
	s.setAnswer(func(c *server.Peer, cmd string) bool {
		if cmd != "DEL" {
			return false
		}
		if dels++; dels == 1 {
			return false
		}
		c.WriteError("ERR max requests limit exceeded")
		return true
	})
	n, err := tcpredis.NewStore(s.client(t, nil)).DeletePattern(t.Context(), "*")
	require.ErrorContains(t, err, "tcpredis: DEL: ERR max requests")
	require.EqualValues(t, 500, n)
}

func ExampleNew() {
	server, err := miniredis.Run()
	if err != nil {
		panic(err)
	}
	defer server.Close()
	var port int
	_, _ = fmt.Sscan(server.Port(), &port)

	client, err := tcpredis.New(tcpredis.Config{Host: server.Host(), Port: port, Component: "cache"})
	if err != nil {
		panic(err)
	}
	defer client.Close()

	store := tcpredis.NewStore(client)
	ctx := context.Background()
	_ = store.Set(ctx, "greeting", []byte("hello"), time.Minute)
	value, found, err := store.Get(ctx, "greeting")
	fmt.Println(string(value), found, err)
	// Output: hello true <nil>
}
