package tcpredis

import (
	"context"

	"github.com/redis/go-redis/v9"
)

// ZAdd gives each of members the score, with one command, and returns how many
// of them are new. A retry after a lost answer does not count members that the
// first attempt added.
func (s *Store) ZAdd(ctx context.Context, key string, score float64, members ...string) (int64, error) {
	if len(members) == 0 {
		return 0, nil
	}
	scored := make([]redis.Z, len(members))
	for i, m := range members {
		scored[i] = redis.Z{Score: score, Member: m}
	}
	return s.count("ZADD", func() *redis.IntCmd { return s.client.ZAdd(ctx, key, scored...) })
}

// ZCard returns the number of members.
func (s *Store) ZCard(ctx context.Context, key string) (int64, error) {
	return s.count("ZCARD", func() *redis.IntCmd { return s.client.ZCard(ctx, key) })
}

// ZCount returns the number of members with a score from low to high, each in
// Redis' notation: "-inf", "5", "(5" to exclude 5.
func (s *Store) ZCount(ctx context.Context, key, low, high string) (int64, error) {
	return s.count("ZCOUNT", func() *redis.IntCmd { return s.client.ZCount(ctx, key, low, high) })
}

// ZRem removes members and returns how many there were.
func (s *Store) ZRem(ctx context.Context, key string, members ...string) (int64, error) {
	if len(members) == 0 {
		return 0, nil
	}
	args := make([]any, len(members))
	for i, m := range members {
		args[i] = m
	}
	return s.count("ZREM", func() *redis.IntCmd { return s.client.ZRem(ctx, key, args...) })
}

// ZRemRangeByScore removes the members with a score from low to high and returns
// how many there were.
func (s *Store) ZRemRangeByScore(ctx context.Context, key, low, high string) (int64, error) {
	return s.count("ZREMRANGEBYSCORE", func() *redis.IntCmd { return s.client.ZRemRangeByScore(ctx, key, low, high) })
}

// ZLexCount returns the number of members from low to high in byte order, each
// in Redis' notation: "-", "[a", "(a". All scores must be equal.
func (s *Store) ZLexCount(ctx context.Context, key, low, high string) (int64, error) {
	return s.count("ZLEXCOUNT", func() *redis.IntCmd { return s.client.ZLexCount(ctx, key, low, high) })
}

// ZRangeByLex returns the members from low to high in byte order, at most limit
// of them, all when limit is 0 or less.
func (s *Store) ZRangeByLex(ctx context.Context, key, low, high string, limit int) ([]string, error) {
	by := &redis.ZRangeBy{Min: low, Max: high}
	if limit > 0 {
		by.Count = int64(limit)
	}
	var members []string
	err := s.run("ZRANGEBYLEX", func() (err error) {
		members, err = s.client.ZRangeByLex(ctx, key, by).Result()
		return err
	})
	if err != nil {
		return nil, err
	}
	return members, nil
}
