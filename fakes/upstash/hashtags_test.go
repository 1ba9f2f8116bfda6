package upstash

import (
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"tollgate/fakes/upstash/ledger"
)

func TestHashTag(t *testing.T) {
	for key, want := range map[string]string{
		"asynq:{calendar-sync}:pending": "calendar-sync", "{a}{b}": "a", "plain": "", "{}": "", "{}{b}": "", "{open": "", "}{": "", "a}{b}c": "b",
	} {
		require.Equal(t, want, string(hashTag([]byte(key))), key)
	}
}

// TestAccountByHashTag: commands, scripts and what scripts call are split by the hash tag of their keys.
func TestAccountByHashTag(t *testing.T) {
	s, err := Start(t.Context(), Config{RESPAddr: "127.0.0.1:0", HashTags: true})
	require.NoError(t, err)
	defer s.Close()
	client := redis.NewClient(&redis.Options{Addr: s.RESPAddr(), Protocol: 2, DisableIdentity: true})
	defer client.Close()
	ctx := t.Context()
	require.NoError(t, client.Set(ctx, "q:{a}:1", 1, 0).Err())
	require.NoError(t, client.MGet(ctx, "q:{a}:1", "q:{a}:2").Err())
	require.NoError(t, client.MGet(ctx, "q:{a}:1", "q:{b}:2", "plain").Err())
	require.NoError(t, client.MGet(ctx, "plain", "q:{b}:2").Err())
	require.ErrorIs(t, client.Get(ctx, "plain").Err(), redis.Nil)
	require.NoError(t, client.Eval(ctx, `redis.call("SET", KEYS[1], 1) redis.call("SET", "x:{c}", 1) return redis.call("SET", "plain", 1)`, []string{"q:{b}:x"}).Err())

	require.Equal(t, map[string]ledger.Counts{
		"a":            {Wire: 2, Billed: 2},
		"b":            {Wire: 2, Inner: 1, Billed: 3},
		"c":            {Inner: 1, Billed: 1},
		ledger.Several: {Wire: 1, Billed: 1},
	}, s.Ledger().Snapshot().ByGroup)
}
