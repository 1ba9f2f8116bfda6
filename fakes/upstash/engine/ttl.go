package engine

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/alicebob/miniredis/v2"
)

// ttlResolution is how exactly keys expire: up to 20 ms early or late.
const ttlResolution = 20 * time.Millisecond

// ttlClock lets TTLs run by the clock of the process, which in a synctest bubble
// is the bubble's. miniredis' own ClockTTL does the same exactly, but visits every
// key, sorted, for each command; with some thousand keys that was 60 % of all the
// time spent. So time is passed on in steps of whole milliseconds, when a command
// comes that has to do with TTLs, and before others only once something can have
// expired. Who uses it holds the observer's turn.
type ttlClock struct {
	mini   *miniredis.Miniredis
	start  time.Time
	passed time.Duration // since start, as far as passed on
	// due is the value of passed at which the first key may expire; unknown when it is to be found out.
	due time.Duration
	// always passes time on before every command: some keys' TTLs cannot be seen from here.
	always bool
}

const (
	unknown time.Duration = -1
	never   time.Duration = math.MaxInt64
)

func newTTLClock(mini *miniredis.Miniredis) *ttlClock {
	now := time.Now()
	fraction := time.Duration(now.Nanosecond()) % time.Millisecond
	return &ttlClock{mini: mini, start: now.Add(-fraction), due: never}
}

// before passes time on as far as the next command needs it, which may or may not have to do with times to live. It
// must not be called by commands inside a script: miniredis is locked there.
func (c *ttlClock) before(matters bool) {
	switch {
	case c.always || matters:
		c.advance(ttlResolution)
	case c.due == unknown:
		c.advance(ttlResolution)
		c.due = c.earliest()
	case c.due != never && time.Since(c.start) >= c.due:
		c.advance(0)
		c.due = c.earliest()
	}
}

// after notes what TTL a command may have set that is none of knowsNoTTL's.
func (c *ttlClock) after(name string, args []string) {
	switch {
	case name == "SELECT":
		c.always = c.always || len(args) > 0 && args[0] != "0"
	case c.due == unknown:
	case setsFirstKeysTTL[name] && len(args) > 0:
		if left := c.mini.TTL(args[0]); left > 0 {
			c.due = min(c.due, c.passed+left)
		}
	default:
		c.due = unknown
	}
}

// lengthen makes up for the time that was not passed on when the key was given its time to live.
func (c *ttlClock) lengthen(key string) {
	left := c.mini.TTL(key)
	if left <= 0 {
		return
	}
	left += max(0, time.Since(c.start).Truncate(time.Millisecond)-c.passed)
	c.mini.SetTTL(key, left)
	if c.due != unknown {
		c.due = min(c.due, c.passed+left)
	}
}

// isFreshTTL says whether a command, a name in upper case and its arguments, does nothing but give its first key a value and a
// time to live from now on.
func isFreshTTL(name string, args []string) bool {
	var life string
	switch {
	case len(args) == 3 && (name == "SETEX" || name == "PSETEX"):
		life = args[1]
	case len(args) == 4 && name == "SET" && (strings.EqualFold(args[2], "EX") || strings.EqualFold(args[2], "PX")):
		life = args[3]
	default:
		return false
	}
	n, err := strconv.ParseInt(life, 10, 32) // more is left to miniredis, which may refuse it
	return err == nil && n > 0
}

// earliest is when the first key can expire.
func (c *ttlClock) earliest() time.Duration {
	first := never
	for _, key := range c.mini.Keys() {
		if left := c.mini.TTL(key); left > 0 {
			first = min(first, c.passed+left)
		}
	}
	return first
}

// advance passes on the time since the last step, once it is as long as that. It
// must not be called by commands inside a script: miniredis is locked there.
func (c *ttlClock) advance(atLeast time.Duration) {
	elapsed := time.Since(c.start).Truncate(time.Millisecond) - c.passed
	if elapsed >= atLeast {
		c.passed += elapsed
		c.mini.FastForward(elapsed) // takes its lock
	}
}

// now is the moment that TTLs count from, in Unix time in milliseconds.
func (c *ttlClock) now() int64 { return c.start.Add(c.passed).UnixMilli() }

// knowsNoTTL are commands that neither read nor set a time to live, of keys that there are: all others are taken to do
// either.
var knowsNoTTL = namesIn("GET MGET EXISTS STRLEN GETRANGE INCR INCRBY DECR DECRBY APPEND TYPE " +
	"DEL UNLINK HGET HMGET HGETALL HEXISTS HLEN HKEYS HVALS HSET HINCRBY HDEL " +
	"LPUSH RPUSH LPOP RPOP LLEN LRANGE LREM LINDEX LTRIM RPOPLPUSH LMOVE " +
	"SADD SREM SMEMBERS SISMEMBER SCARD " +
	"ZADD ZREM ZCARD ZCOUNT ZSCORE ZRANGE ZREVRANGE ZRANGEBYSCORE ZRANGEBYLEX ZLEXCOUNT ZREMRANGEBYSCORE ZREMRANGEBYRANK ZRANK ZINCRBY " +
	"PING ECHO SUBSCRIBE UNSUBSCRIBE PSUBSCRIBE PUNSUBSCRIBE PUBLISH WATCH UNWATCH MULTI DISCARD CLIENT HELLO SCRIPT")

// setsFirstKeysTTL are commands that can set the time to live of the key after their name, and of no other.
var setsFirstKeysTTL = namesIn("SET SETEX PSETEX EXPIRE PEXPIRE EXPIREAT PEXPIREAT GETEX PERSIST GETSET SETNX TTL PTTL EXPIRETIME PEXPIRETIME")

func namesIn(list string) map[string]bool {
	names := map[string]bool{}
	for name := range strings.FieldsSeq(list) {
		names[name] = true
	}
	return names
}
