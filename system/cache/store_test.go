package cache_test

import (
	"context"
	"errors"
	"path"
	"slices"
	"sync"
	"time"

	"tollgate/system/cache"
)

// memStore is a Store in memory that records its commands. With delay set, each command takes that long and obeys its context:
// the data is read or written at the middle of it.
type memStore struct {
	delay time.Duration

	mu    sync.Mutex
	data  map[string][]byte
	ttls  map[string]time.Duration
	ends  map[string]time.Time
	calls []string
	fail  error
	short bool // MGet forgets its last value
}

func newMemStore() *memStore {
	return &memStore{data: map[string][]byte{}, ttls: map[string]time.Duration{}, ends: map[string]time.Time{}}
}

var errDown = errors.New("store is down")

// do records a command and runs its effect.
func (s *memStore) do(ctx context.Context, name string, effect func()) error {
	s.mu.Lock()
	s.calls = append(s.calls, name)
	delay := s.delay
	s.mu.Unlock()
	if err := pause(ctx, delay/2); err != nil {
		return err
	}
	s.mu.Lock()
	if s.fail != nil {
		defer s.mu.Unlock()
		return s.fail
	}
	s.expireLocked()
	effect()
	s.mu.Unlock()
	return pause(ctx, delay/2)
}

func (s *memStore) expireLocked() {
	for key, end := range s.ends {
		if !time.Now().Before(end) {
			delete(s.data, key)
			delete(s.ends, key)
		}
	}
}

func pause(ctx context.Context, d time.Duration) error {
	if d == 0 {
		return ctx.Err()
	}
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *memStore) Get(ctx context.Context, key string) (raw []byte, found bool, err error) {
	err = s.do(ctx, "GET", func() { raw, found = s.data[key] })
	return raw, found, err
}

func (s *memStore) MGet(ctx context.Context, keys ...string) (raws [][]byte, err error) {
	err = s.do(ctx, "MGET", func() {
		for _, key := range keys {
			raws = append(raws, s.data[key])
		}
		if s.short {
			raws = raws[:len(raws)-1]
		}
	})
	return raws, err
}

func (s *memStore) Set(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	return s.do(ctx, "SET", func() { s.setLocked(key, value, ttl) })
}

func (s *memStore) setLocked(key string, value []byte, ttl time.Duration) {
	s.data[key], s.ttls[key] = value, ttl
	delete(s.ends, key)
	if ttl > 0 {
		s.ends[key] = time.Now().Add(ttl)
	}
}

func (s *memStore) Del(ctx context.Context, keys ...string) (n int64, err error) {
	err = s.do(ctx, "DEL", func() {
		for _, key := range keys {
			if _, ok := s.data[key]; ok {
				n++
			}
			delete(s.data, key)
		}
	})
	return n, err
}

func (s *memStore) DeletePattern(ctx context.Context, pattern string) (n int64, err error) {
	err = s.do(ctx, "SCAN", func() {
		for key := range s.data {
			if ok, _ := path.Match(pattern, key); ok {
				delete(s.data, key)
				n++
			}
		}
	})
	return n, err
}

// put changes the data as another process would.
func (s *memStore) put(key, raw string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.setLocked(key, []byte(raw), 0)
}

// peek returns what is stored, without a command.
func (s *memStore) peek(key string) (raw string, found bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.expireLocked()
	value, found := s.data[key]
	return string(value), found
}

func (s *memStore) setFail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fail = err
}

func (s *memStore) setDelay(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.delay = d
}

// commands returns and forgets the commands so far.
func (s *memStore) commands() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	calls := slices.Clone(s.calls)
	s.calls = nil
	return calls
}

var _ cache.Store = (*memStore)(nil)
