package tcpredis

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
)

// ErrArgument is what errors.Is finds in the error of a call that makes no
// sense, such as a negative time to live. Nothing was sent.
var ErrArgument = errors.New("tcpredis: invalid argument")

// Store offers key-value commands over a client. Errors carry the command's
// name and never keys, values or credentials. It is safe for concurrent use.
type Store struct {
	client   redis.UniversalClient
	requests atomic.Int64
	failures atomic.Int64 // network failures after all retries
}

// NewStore returns a store over client, which stays the caller's to close.
func NewStore(client redis.UniversalClient) *Store { return &Store{client: client} }

// Stats returns the commands of this store, and the retries and network errors
// of its client. A client not made by New does not tell of attempts that a
// retry made good: then Retries is 0 and NetworkErrors counts failed commands.
func (s *Store) Stats() Stats {
	stats := Stats{Requests: s.requests.Load(), NetworkErrors: s.failures.Load()}
	if client, ok := StatsOf(s.client); ok {
		stats.Retries, stats.NetworkErrors = client.Retries, client.NetworkErrors
	}
	return stats
}

// run counts one command and wraps its error.
func (s *Store) run(name string, call func() error) error {
	s.requests.Add(1)
	err := call()
	if isNetwork(err) {
		s.failures.Add(1)
	}
	return wrap(name, err)
}

// wrap adds the command's name to an error.
func wrap(name string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("tcpredis: %s: %w", name, err)
}

// Ping checks that the server answers and accepts the credentials.
func (s *Store) Ping(ctx context.Context) error {
	return s.run("PING", func() error { return s.client.Ping(ctx).Err() })
}

// Get returns the value of key, and false when there is none.
func (s *Store) Get(ctx context.Context, key string) ([]byte, bool, error) {
	var value []byte
	found := true
	err := s.run("GET", func() (err error) {
		value, err = s.client.Get(ctx, key).Bytes()
		if errors.Is(err, redis.Nil) {
			found, err = false, nil
		}
		return err
	})
	return value, found && err == nil, err
}

// MGet returns the values of keys in their order, nil for a missing one.
func (s *Store) MGet(ctx context.Context, keys ...string) ([][]byte, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	values := make([][]byte, len(keys))
	err := s.run("MGET", func() error {
		found, err := s.client.MGet(ctx, keys...).Result()
		for i, v := range found {
			if text, ok := v.(string); ok {
				values[i] = []byte(text)
			}
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return values, nil
}

// Set stores value under key for ttl, for ever when ttl is 0. A ttl is rounded
// up to a millisecond; a negative one is an ErrArgument.
func (s *Store) Set(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	if ttl < 0 {
		return fmt.Errorf("%w: SET: ttl is %v; set 0 for none, or a positive one", ErrArgument, ttl)
	}
	return s.run("SET", func() error { return s.client.Set(ctx, key, value, milliseconds(ttl)).Err() })
}

// Del deletes keys and returns how many there were. A retry after a lost answer
// does not count keys that the first attempt deleted.
func (s *Store) Del(ctx context.Context, keys ...string) (int64, error) {
	if len(keys) == 0 {
		return 0, nil
	}
	return s.count("DEL", func() *redis.IntCmd { return s.client.Del(ctx, keys...) })
}

// Exists returns how many of keys exist; a key named twice counts twice.
func (s *Store) Exists(ctx context.Context, keys ...string) (int64, error) {
	if len(keys) == 0 {
		return 0, nil
	}
	return s.count("EXISTS", func() *redis.IntCmd { return s.client.Exists(ctx, keys...) })
}

// Expire sets the time to live of key, rounded up to a millisecond, and reports
// whether the key exists. A ttl of 0 or less is an ErrArgument: Del deletes.
func (s *Store) Expire(ctx context.Context, key string, ttl time.Duration) (bool, error) {
	if ttl <= 0 {
		return false, fmt.Errorf("%w: EXPIRE: ttl is %v; set a positive one", ErrArgument, ttl)
	}
	ttl = milliseconds(ttl)
	var exists bool
	err := s.run("EXPIRE", func() (err error) {
		if ttl%time.Second == 0 {
			exists, err = s.client.Expire(ctx, key, ttl).Result()
		} else {
			exists, err = s.client.PExpire(ctx, key, ttl).Result()
		}
		return err
	})
	return exists, err
}

// count runs a command that answers with a number.
func (s *Store) count(name string, call func() *redis.IntCmd) (n int64, err error) {
	err = s.run(name, func() (err error) {
		n, err = call().Result()
		return err
	})
	return n, err
}

// milliseconds rounds d up to whole milliseconds, the finest that Redis knows.
func milliseconds(d time.Duration) time.Duration {
	return (d + time.Millisecond - 1).Truncate(time.Millisecond)
}
