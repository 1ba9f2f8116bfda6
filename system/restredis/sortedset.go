package restredis

import (
	"context"
	"strconv"
)

// ZAdd gives each of members the score, with one command, and returns how many
// of them are new. A retry after a lost answer does not count members that the
// first attempt added.
func (c *Client) ZAdd(ctx context.Context, key string, score float64, members ...string) (int64, error) {
	if len(members) == 0 {
		return 0, nil
	}
	args := make([]string, 2, 2+2*len(members))
	args[0], args[1] = "ZADD", key
	for _, m := range members {
		args = append(args, number(score, 64), m)
	}
	return c.integer(ctx, args...)
}

// ZCard returns the number of members.
func (c *Client) ZCard(ctx context.Context, key string) (int64, error) {
	return c.integer(ctx, "ZCARD", key)
}

// ZCount returns the number of members with a score from low to high, each in
// Redis' notation: "-inf", "5", "(5" to exclude 5.
func (c *Client) ZCount(ctx context.Context, key, low, high string) (int64, error) {
	return c.integer(ctx, "ZCOUNT", key, low, high)
}

// ZRem removes members and returns how many there were.
func (c *Client) ZRem(ctx context.Context, key string, members ...string) (int64, error) {
	if len(members) == 0 {
		return 0, nil
	}
	return c.integer(ctx, append([]string{"ZREM", key}, members...)...)
}

// ZRemRangeByScore removes the members with a score from low to high and returns
// how many there were.
func (c *Client) ZRemRangeByScore(ctx context.Context, key, low, high string) (int64, error) {
	return c.integer(ctx, "ZREMRANGEBYSCORE", key, low, high)
}

// ZLexCount returns the number of members from low to high in byte order, each
// in Redis' notation: "-", "[a", "(a". All scores must be equal.
func (c *Client) ZLexCount(ctx context.Context, key, low, high string) (int64, error) {
	return c.integer(ctx, "ZLEXCOUNT", key, low, high)
}

// ZRangeByLex returns the members from low to high in byte order, at most limit
// of them, all when limit is 0 or less.
func (c *Client) ZRangeByLex(ctx context.Context, key, low, high string, limit int) ([]string, error) {
	args := []string{"ZRANGEBYLEX", key, low, high}
	if limit > 0 {
		args = append(args, "LIMIT", "0", strconv.Itoa(limit))
	}
	elements, err := c.list(ctx, args...)
	if err != nil {
		return nil, err
	}
	return stringsOf("ZRANGEBYLEX", elements)
}
