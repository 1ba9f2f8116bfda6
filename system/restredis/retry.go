package restredis

import (
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// repeatable are the commands that leave the same data when run twice with the
// same arguments. Their answers may differ the second time: a DEL that is
// repeated after a lost answer does not count what the first one deleted.
var repeatable = map[string]bool{
	"PING": true, "ECHO": true, "TIME": true, "INFO": true, "DBSIZE": true,
	"GET": true, "MGET": true, "STRLEN": true, "EXISTS": true, "TTL": true, "PTTL": true, "TYPE": true, "SCAN": true, "KEYS": true,
	"SET": true, "SETEX": true, "PSETEX": true, "MSET": true, "DEL": true, "UNLINK": true,
	"EXPIRE": true, "PEXPIRE": true, "EXPIREAT": true, "PEXPIREAT": true, "PERSIST": true,
	"HGET": true, "HMGET": true, "HGETALL": true, "HLEN": true, "HEXISTS": true, "HSET": true, "HDEL": true,
	"SADD": true, "SREM": true, "SCARD": true, "SMEMBERS": true, "SISMEMBER": true,
	"ZADD": true, "ZREM": true, "ZCARD": true, "ZCOUNT": true, "ZSCORE": true, "ZRANK": true, "ZRANGE": true,
	"ZRANGEBYSCORE": true, "ZRANGEBYLEX": true, "ZLEXCOUNT": true, "ZREMRANGEBYSCORE": true, "ZREMRANGEBYLEX": true,
	"LLEN": true, "LRANGE": true, "LINDEX": true,
	"EVAL_RO": true, "EVALSHA_RO": true,
}

// Idempotent reports whether a command may be repeated when its answer was
// lost: it is on the list and has no option that makes a second run act, or
// answer, on what the first one did. SET with NX, XX, GET or IF..., and ZADD
// with INCR, do. Unknown commands, INCR and EVAL among them, are not.
func Idempotent(args ...string) bool {
	if len(args) == 0 {
		return false
	}
	switch name := strings.ToUpper(args[0]); name {
	case "SET":
		return len(args) <= 3 || !slices.ContainsFunc(args[3:], func(option string) bool {
			option = strings.ToUpper(option)
			return option == "NX" || option == "XX" || option == "GET" || strings.HasPrefix(option, "IF")
		})
	case "ZADD":
		for _, option := range args[min(2, len(args)):] {
			switch strings.ToUpper(option) {
			case "NX", "XX", "GT", "LT", "CH":
			case "INCR":
				return false
			default: // the first score
				return true
			}
		}
		return true
	default:
		return repeatable[name]
	}
}

// retryable reports whether an attempt that failed with err may be repeated.
// connected tells whether the request may have reached the server.
func (r request) retryable(err *Error, connected bool) bool {
	switch err.Kind {
	case KindThrottled:
		return true
	case KindNetwork:
		return r.repeatable || !connected
	case KindServer:
		return r.repeatable
	default:
		return false
	}
}

// fullJitter is a backoff.BackOff whose pauses are drawn evenly from zero to a
// limit that doubles each time. A pause that the server asked for goes first.
type fullJitter struct {
	base, longest time.Duration
	limit         time.Duration
	asked         time.Duration // Retry-After of the last answer, 0 for none
}

var _ backoff.BackOff = (*fullJitter)(nil)

// NextBackOff implements backoff.BackOff.
func (b *fullJitter) NextBackOff() time.Duration {
	limit := b.limit
	b.limit = min(2*b.limit, b.longest)
	if b.asked > 0 {
		return b.asked
	}
	return rand.N(limit + 1)
}

// Reset implements backoff.BackOff.
func (b *fullJitter) Reset() { b.limit = min(b.base, b.longest) }
