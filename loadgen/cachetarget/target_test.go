package cachetarget_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/loadgen/cachetarget"
	"tollgate/loadgen/httptarget"
	"tollgate/system/cache"
)

var _ httptarget.Cache = (*cachetarget.Target)(nil)

// store keeps values in a map, and notes the time to live of the last one.
type store struct {
	cache.Store
	mu     sync.Mutex
	values map[string][]byte
	ttl    time.Duration
	err    error
}

func (s *store) Get(_ context.Context, key string) ([]byte, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	v, ok := s.values[key]
	return v, ok, s.err
}

func (s *store) Set(_ context.Context, key string, value []byte, ttl time.Duration) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.values[key], s.ttl = value, ttl
	return s.err
}

func (s *store) Del(_ context.Context, keys ...string) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, key := range keys {
		delete(s.values, key)
	}
	return int64(len(keys)), s.err
}

func open(t *testing.T, s *store, ttl time.Duration) *cachetarget.Target {
	t.Helper()
	c, err := cache.New(cache.Config{Store: s, Prefix: "p:"})
	require.NoError(t, err)
	t.Cleanup(c.Close)
	target, err := cachetarget.New(c, ttl)
	require.NoError(t, err)
	return target
}

func TestOperationsReachTheStore(t *testing.T) {
	s := &store{values: map[string][]byte{}}
	target := open(t, s, time.Minute)
	hit, err := target.CacheRead(t.Context(), "k-1")
	require.NoError(t, err)
	require.False(t, hit)

	require.NoError(t, target.CacheWrite(t.Context(), "k-1", []byte(`"abc"`)))
	require.JSONEq(t, `"abc"`, string(s.values["p:k-1"]))
	require.Equal(t, time.Minute, s.ttl)
	hit, err = target.CacheRead(t.Context(), "k-1")
	require.NoError(t, err)
	require.True(t, hit)

	require.NoError(t, target.CacheDelete(t.Context(), "k-1"))
	require.Empty(t, s.values)
}

func TestDefaultTTL(t *testing.T) {
	s := &store{values: map[string][]byte{}}
	require.NoError(t, open(t, s, 0).CacheWrite(t.Context(), "k-1", []byte(`1`)))
	require.Equal(t, cachetarget.DefaultTTL, s.ttl)
}

func TestErrorsComeThrough(t *testing.T) {
	broken := errors.New("broken")
	target := open(t, &store{values: map[string][]byte{}, err: broken}, 0)
	_, err := target.CacheRead(t.Context(), "k")
	require.ErrorIs(t, err, broken)
	require.ErrorIs(t, target.CacheWrite(t.Context(), "k", []byte(`1`)), broken)
	require.ErrorIs(t, target.CacheDelete(t.Context(), "k"), broken)
}

func TestNewRefusesNonsense(t *testing.T) {
	_, err := cachetarget.New(nil, 0)
	require.ErrorContains(t, err, "the cache is missing")
	c, err := cache.New(cache.Config{Store: &store{}})
	require.NoError(t, err)
	t.Cleanup(c.Close)
	_, err = cachetarget.New(c, -time.Second)
	require.ErrorContains(t, err, "time to live -1s is negative")
}
