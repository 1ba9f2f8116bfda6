package restredis

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// Ping checks that the URL and the token are right. Upstash does not bill it.
func (c *Client) Ping(ctx context.Context) error {
	value, err := c.do(ctx, "PING")
	if err != nil {
		return err
	}
	if value != "PONG" {
		return &Error{Kind: KindProtocol, Command: "PING", Status: http.StatusOK, Message: "the answer is not PONG; does the server know Upstash-Encoding?"}
	}
	return nil
}

// Get returns the value of key, and false when there is none.
func (c *Client) Get(ctx context.Context, key string) ([]byte, bool, error) {
	value, err := c.do(ctx, "GET", key)
	if err != nil || value == nil {
		return nil, false, err
	}
	text, ok := value.(string)
	if !ok {
		return nil, false, unexpected("GET", value)
	}
	return []byte(text), true, nil
}

// MGet returns the values of keys in their order, nil for a missing one.
func (c *Client) MGet(ctx context.Context, keys ...string) ([][]byte, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	elements, err := c.list(ctx, append([]string{"MGET"}, keys...)...)
	if err != nil {
		return nil, err
	}
	if len(elements) != len(keys) {
		return nil, malformed("MGET", fmt.Errorf("%w: %d values for %d keys", errReply, len(elements), len(keys)))
	}
	values := make([][]byte, len(keys))
	for i, e := range elements {
		switch v := e.(type) {
		case nil:
		case string:
			values[i] = []byte(v)
		default:
			return nil, unexpected("MGET", e)
		}
	}
	return values, nil
}

// Set stores value under key for ttl, for ever when ttl is 0. A ttl is rounded
// up to a millisecond; a negative one is an ErrArgument.
func (c *Client) Set(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	args := []string{"SET", key, string(value)}
	switch ms := milliseconds(ttl); {
	case ttl < 0:
		return badTTL("SET", ttl, "0 for none, or a positive one")
	case ms == 0:
	case ms%1000 == 0:
		args = append(args, "EX", strconv.FormatInt(ms/1000, 10))
	default:
		args = append(args, "PX", strconv.FormatInt(ms, 10))
	}
	_, err := c.do(ctx, args...)
	return err
}

// Del deletes keys and returns how many there were. A retry after a lost answer
// does not count keys that the first attempt deleted.
func (c *Client) Del(ctx context.Context, keys ...string) (int64, error) {
	if len(keys) == 0 {
		return 0, nil
	}
	return c.integer(ctx, append([]string{"DEL"}, keys...)...)
}

// Exists returns how many of keys exist; a key named twice counts twice.
func (c *Client) Exists(ctx context.Context, keys ...string) (int64, error) {
	if len(keys) == 0 {
		return 0, nil
	}
	return c.integer(ctx, append([]string{"EXISTS"}, keys...)...)
}

// Expire sets the time to live of key, rounded up to a millisecond, and reports
// whether the key exists. A ttl of 0 or less is an ErrArgument: Del deletes.
func (c *Client) Expire(ctx context.Context, key string, ttl time.Duration) (bool, error) {
	if ttl <= 0 {
		return false, badTTL("EXPIRE", ttl, "a positive one")
	}
	name, n := "PEXPIRE", milliseconds(ttl)
	if n%1000 == 0 {
		name, n = "EXPIRE", n/1000
	}
	set, err := c.integer(ctx, name, key, strconv.FormatInt(n, 10))
	return set == 1, err
}

// GetJSON returns the value of key decoded from JSON, and false when there is
// none. A value that is not the JSON of a T is an ErrDecode.
func GetJSON[T any](ctx context.Context, c *Client, key string) (T, bool, error) {
	var v T
	raw, found, err := c.Get(ctx, key)
	if err != nil || !found {
		return v, false, err
	}
	if err := json.Unmarshal(raw, &v); err != nil {
		var zero T
		return zero, false, &Error{Kind: KindDecode, Command: "GET", Message: fmt.Sprintf("the value is not the JSON of a %T", zero), Err: err}
	}
	return v, true, nil
}

// SetJSON stores v as JSON under key for ttl, for ever when ttl is 0.
func SetJSON[T any](ctx context.Context, c *Client, key string, v T, ttl time.Duration) error {
	raw, err := json.Marshal(v)
	if err != nil {
		return &Error{Kind: KindArgument, Command: "SET", Message: fmt.Sprintf("a %T has no JSON", v), Err: err}
	}
	return c.Set(ctx, key, raw, ttl)
}

func badTTL(command string, ttl time.Duration, want string) *Error {
	return &Error{Kind: KindArgument, Command: command, Message: fmt.Sprintf("ttl is %v; set %s", ttl, want)}
}

// milliseconds rounds d up to whole milliseconds, the finest that Redis knows.
func milliseconds(d time.Duration) int64 {
	return int64((d + time.Millisecond - 1) / time.Millisecond)
}
