package ratelimit

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// zset is a sorted set: scores by member, and the members in the order of their bytes.
type zset struct {
	scores  map[string]float64
	members []string
}

// model is a Store in memory with its own clock: sorted sets ordered by score and then bytes, keys that expire, and a count of
// the commands. It refuses bounds it does not understand, and ZLEXCOUNT on sets with unequal scores.
type model struct {
	mu      sync.Mutex
	clock   time.Time
	sets    map[string]*zset
	expires map[string]time.Time
	calls   map[string]int
	fail    map[string]error // by command
	delay   time.Duration    // of each command, in a bubble
	real    bool             // the clock is the bubble's
}

func newModel() *model {
	return &model{
		clock: time.Date(2026, 7, 1, 9, 34, 17, 123_456_000, time.UTC), sets: map[string]*zset{},
		expires: map[string]time.Time{}, calls: map[string]int{}, fail: map[string]error{},
	}
}

// newBubbleModel is a model on the clock of a bubble.
func newBubbleModel() *model {
	m := newModel()
	m.real = true
	return m
}

var errDown = errors.New("redis is down")

func (m *model) now() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.nowLocked()
}

func (m *model) nowLocked() time.Time {
	if m.real {
		return time.Now()
	}
	return m.clock
}

func (m *model) advance(d time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.clock = m.clock.Add(d)
}

// total returns the number of commands since the last call, and forgets them.
func (m *model) total() (n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, calls := range m.calls {
		n += calls
	}
	clear(m.calls)
	return n
}

// counts returns the number of commands so far, by name.
func (m *model) counts() map[string]int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return maps.Clone(m.calls)
}

// members returns how many members the set of a key has.
func (m *model) members(key string) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.sets[key].members)
}

// setFail lets a command fail from now on, or not any more.
func (m *model) setFail(command string, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.fail[command] = err
}

func (m *model) setDelay(d time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.delay = d
}

// do counts a command and runs its effect on the live set.
func (m *model) do(ctx context.Context, name, key string, effect func(set *zset)) error {
	m.mu.Lock()
	delay := m.delay
	m.mu.Unlock()
	if delay > 0 {
		select {
		case <-time.After(delay):
		case <-ctx.Done():
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.calls[name]++
	if err := m.fail[name]; err != nil {
		return err
	}
	if at, ok := m.expires[key]; ok && !m.nowLocked().Before(at) {
		delete(m.sets, key)
		delete(m.expires, key)
	}
	effect(m.sets[key])
	return nil
}

func (m *model) ZAdd(ctx context.Context, key string, score float64, members ...string) (n int64, err error) {
	err = m.do(ctx, "ZADD", key, func(set *zset) {
		if set == nil {
			set = &zset{scores: map[string]float64{}}
			m.sets[key] = set
		}
		for _, member := range members {
			if at, found := slices.BinarySearch(set.members, member); !found {
				set.members = slices.Insert(set.members, at, member)
				n++
			}
			set.scores[member] = score
		}
	})
	return n, err
}

func (m *model) ZCard(ctx context.Context, key string) (n int64, err error) {
	err = m.do(ctx, "ZCARD", key, func(set *zset) {
		if set != nil {
			n = int64(len(set.members))
		}
	})
	return n, err
}

func (m *model) ZRemRangeByScore(ctx context.Context, key, lower, upper string) (n int64, err error) {
	limit, parseErr := strconv.ParseFloat(upper, 64)
	if lower != "-inf" || parseErr != nil {
		return 0, fmt.Errorf("ERR min or max is not a float: %s %s", lower, upper)
	}
	err = m.do(ctx, "ZREMRANGEBYSCORE", key, func(set *zset) {
		if set == nil {
			return
		}
		set.members = slices.DeleteFunc(set.members, func(member string) bool {
			gone := set.scores[member] <= limit
			if gone {
				delete(set.scores, member)
				n++
			}
			return gone
		})
	})
	return n, err
}

func (m *model) ZLexCount(ctx context.Context, key, lower, upper string) (n int64, err error) {
	members, err := m.lex(ctx, "ZLEXCOUNT", key, lower, upper, math.MaxInt)
	return int64(len(members)), err
}

func (m *model) ZRangeByLex(ctx context.Context, key, lower, upper string, limit int) ([]string, error) {
	return m.lex(ctx, "ZRANGEBYLEX", key, lower, upper, limit)
}

func (m *model) lex(ctx context.Context, name, key, lower, upper string, limit int) (found []string, err error) {
	from, okFrom := strings.CutPrefix(lower, "[")
	if after, ok := strings.CutPrefix(lower, "("); ok {
		from, okFrom = after+"\x00", true // the next string
	} else if lower == "-" {
		from, okFrom = "", true
	}
	to, okTo := strings.CutPrefix(upper, "(")
	if upper == "+" {
		to, okTo = "\xff", true // no member begins with it
	}
	if !okFrom || !okTo {
		return nil, fmt.Errorf("ERR min or max not valid string range item: %s %s", lower, upper)
	}
	err = m.do(ctx, name, key, func(set *zset) {
		if set == nil {
			return
		}
		first, _ := slices.BinarySearch(set.members, from)
		for _, member := range set.members[first:] {
			if member >= to || len(found) == limit {
				return
			}
			if set.scores[member] != 0 {
				panic("lexical range of a set with scores")
			}
			found = append(found, member)
		}
	})
	return found, err
}

func (m *model) Expire(ctx context.Context, key string, ttl time.Duration) (ok bool, err error) {
	err = m.do(ctx, "EXPIRE", key, func(set *zset) {
		if ok = set != nil; ok {
			m.expires[key] = m.nowLocked().Add(ttl.Truncate(time.Second))
		}
	})
	return ok, err
}
