package thrift_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protowire"
)

// snapshot is every key of asynq in the Redis.
type snapshot struct {
	at     time.Time
	began  time.Time
	lists  map[string][]string
	sets   map[string][]string
	zsets  map[string]map[string]float64
	hashes map[string]map[string]string
	texts  map[string]string
	ttls   map[string]time.Duration // of keys that have one
}

// snapshot reads every key of asynq, from outside.
func (w *world) snapshot() snapshot {
	ctx, r := context.Background(), w.observer
	s := snapshot{
		at: time.Now(), began: w.began,
		lists: map[string][]string{}, sets: map[string][]string{}, zsets: map[string]map[string]float64{},
		hashes: map[string]map[string]string{}, texts: map[string]string{}, ttls: map[string]time.Duration{},
	}
	keys, err := r.Keys(ctx, "asynq:*").Result()
	require.NoError(w.t, err)
	kinds := make([]*redis.StatusCmd, len(keys))
	_, err = r.Pipelined(ctx, func(pipe redis.Pipeliner) error {
		for i, key := range keys {
			kinds[i] = pipe.Type(ctx, key)
		}
		return nil
	})
	require.NoError(w.t, err)
	var takes []func() error
	_, err = r.Pipelined(ctx, func(pipe redis.Pipeliner) error {
		for i, key := range keys {
			takes = append(takes, s.read(ctx, pipe, key, kinds[i].Val()))
		}
		return nil
	})
	if !errors.Is(err, redis.Nil) { // a key was deleted meanwhile
		require.NoError(w.t, err)
	}
	for _, take := range takes {
		require.NoError(w.t, take())
	}
	return s
}

// read asks for a key's value and time to live. What it returns takes the answer over; a key that was deleted meanwhile has none.
func (s snapshot) read(ctx context.Context, pipe redis.Pipeliner, key, kind string) (take func() error) {
	var value redis.Cmder
	switch kind {
	case "list":
		value = pipe.LRange(ctx, key, 0, -1)
	case "set":
		value = pipe.SMembers(ctx, key)
	case "zset":
		value = pipe.ZRangeWithScores(ctx, key, 0, -1)
	case "hash":
		value = pipe.HGetAll(ctx, key)
	case "string":
		value = pipe.Get(ctx, key)
	case "none": // it expired meanwhile
		return func() error { return nil }
	default:
		return func() error { return fmt.Errorf("%s is of the unknown type %q", key, kind) }
	}
	ttl := pipe.PTTL(ctx, key)
	return func() error {
		if err := value.Err(); err != nil {
			if errors.Is(err, redis.Nil) { // it was deleted meanwhile
				return nil
			}
			return fmt.Errorf("%s: %w", key, err)
		}
		switch v := value.(type) {
		case *redis.ZSliceCmd:
			for _, m := range v.Val() {
				if s.zsets[key] == nil {
					s.zsets[key] = map[string]float64{}
				}
				s.zsets[key][m.Member.(string)] = m.Score
			}
		case *redis.MapStringStringCmd:
			if len(v.Val()) > 0 {
				s.hashes[key] = v.Val()
			}
		case *redis.StringCmd:
			s.texts[key] = v.Val()
		case *redis.StringSliceCmd:
			switch {
			case len(v.Val()) == 0:
			case kind == "set":
				s.sets[key] = v.Val()
			default:
				s.lists[key] = v.Val()
			}
		}
		if ttl.Val() > 0 {
			s.ttls[key] = ttl.Val()
		}
		return nil
	}
}

// split takes a queue's key apart.
func split(key string) (queue, rest string, ok bool) {
	inner, found := strings.CutPrefix(key, "asynq:{")
	if !found {
		return "", "", false
	}
	return strings.Cut(inner, "}:")
}

// place is where a job can be: the key's last part and the state that the job's hash then has.
var placeStates = map[string]string{
	"pending": "pending", "active": "active", "scheduled": "scheduled", "retry": "retry", "archived": "archived",
	"completed": "completed",
}

// stateOf says what state the jobs listed under a queue's key have; "" if none are.
func stateOf(rest string) string {
	if strings.HasPrefix(rest, "g:") {
		return "aggregating"
	}
	return placeStates[rest]
}

// places says under which keys each job is, by the key of its hash.
func (s snapshot) places() map[string][]string {
	places := map[string][]string{}
	add := func(key, id string) {
		queue, rest, ok := split(key)
		if ok && stateOf(rest) != "" {
			hash := "asynq:{" + queue + "}:t:" + id
			places[hash] = append(places[hash], key)
		}
	}
	for key, ids := range s.lists {
		for _, id := range ids {
			add(key, id)
		}
	}
	for key, scores := range s.zsets {
		for id := range scores {
			add(key, id)
		}
	}
	return places
}

// placeOf says in which state a job is; "" if it is in none.
func (s snapshot) placeOf(queue, id string) string {
	return s.hashes["asynq:{"+queue+"}:t:"+id]["state"]
}

// broken lists what can never be in a settled Redis, whatever happened before.
func (s snapshot) broken() (problems []string) {
	report := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	places := s.places()
	for hash, keys := range places {
		if len(keys) > 1 {
			report("%s is in several places: %v", hash, keys)
		}
		fields, exists := s.hashes[hash]
		if !exists {
			report("%s is in %v and has no hash", hash, keys)
			continue
		}
		_, rest, _ := split(keys[0])
		if want := stateOf(rest); fields["state"] != want {
			report("%s is in %v and its state is %q", hash, keys, fields["state"])
		}
		if m, err := decode(fields["msg"]); err != nil {
			report("%s has a message that is not asynq's: %v", hash, err)
		} else if !strings.HasSuffix(hash, ":t:"+m[messageID]) {
			report("%s has the message of %q", hash, m[messageID])
		}
	}
	for key, fields := range s.hashes {
		if _, rest, ok := split(key); ok && strings.HasPrefix(rest, "t:") && len(places[key]) == 0 {
			report("%s is in no place, and its state is %q", key, fields["state"])
		}
	}
	for key := range s.lists {
		if queue, rest, _ := split(key); rest == "active" {
			leases := s.zsets["asynq:{"+queue+"}:lease"]
			if len(leases) != len(s.lists[key]) {
				report("%s has %v and the leases are %v", key, s.lists[key], leases)
			}
		}
	}
	for key, leases := range s.zsets {
		queue, rest, _ := split(key)
		for id := range leases {
			if rest == "lease" && !slices.Contains(s.lists["asynq:{"+queue+"}:active"], id) {
				report("%s has %s, which is not active", key, id)
			}
		}
		if strings.HasPrefix(rest, "g:") && !slices.Contains(s.sets["asynq:{"+queue+"}:groups"], strings.TrimPrefix(rest, "g:")) {
			report("%s is not among the groups", key)
		}
	}
	for key := range s.texts {
		_, rest, _ := split(key)
		if strings.HasPrefix(rest, "unique:") && s.ttls[key] <= 0 {
			report("%s is a lock for ever", key)
		}
		if (strings.HasPrefix(rest, "processed:") || strings.HasPrefix(rest, "failed:")) && s.ttls[key] <= 0 {
			report("%s is a daily counter for ever", key)
		}
	}
	sort.Strings(problems)
	return problems
}

// Fields of asynq's message (internal/proto/asynq.proto of its source) that the tests name.
const (
	messageID         = 3
	messageLastFailed = 11
	messageCompleted  = 13
	messageDeadline   = 9
	lastUnixTime      = 1 << 40
)

// decode reads asynq's encoded message: each field by its number.
func decode(msg string) (map[protowire.Number]string, error) {
	fields := map[protowire.Number]string{}
	for rest := []byte(msg); len(rest) > 0; {
		number, kind, n := protowire.ConsumeTag(rest)
		if n < 0 {
			return nil, protowire.ParseError(n)
		}
		rest = rest[n:]
		switch kind {
		case protowire.VarintType:
			var v uint64
			if v, n = protowire.ConsumeVarint(rest); n >= 0 {
				fields[number] = strconv.FormatUint(v, 10)
			}
		case protowire.BytesType:
			var v []byte
			if v, n = protowire.ConsumeBytes(rest); n >= 0 {
				fields[number] += string(v)
			}
		default:
			return nil, fmt.Errorf("field %d has wire type %d", number, kind)
		}
		if n < 0 {
			return nil, protowire.ParseError(n)
		}
		rest = rest[n:]
	}
	return fields, nil
}

// canon is a snapshot in the form in which two runs can be compared.
type canon struct {
	exact map[string]string
	times map[string]float64 // in seconds since the world began
}

// canon takes out of a snapshot what differs between two runs of the same: the order within lists and the exact times.
func (s snapshot) canon() canon {
	c := canon{exact: map[string]string{}, times: map[string]float64{}}
	since := func(unix float64) float64 { return unix - float64(s.began.UnixNano())/1e9 }
	counters := map[string]int64{}
	for key, ids := range s.lists {
		c.exact[key] = fmt.Sprint(sorted(ids))
	}
	for key, members := range s.sets {
		c.exact[key] = fmt.Sprint(sorted(members))
	}
	for key, scores := range s.zsets {
		if slices.Contains(serverLists, key) {
			continue // see listed
		}
		for id, score := range scores {
			c.exact[key+" "+id] = "a member"
			c.times[key+" "+id] = since(score)
		}
	}
	for key, fields := range s.hashes {
		for field, value := range fields {
			name := key + " " + field
			switch field {
			case "msg":
				c.message(name, value, since)
			case "pending_since":
				nanos, _ := strconv.ParseFloat(value, 64)
				c.exact[name] = "a time"
				c.times[name] = since(nanos / 1e9)
			default:
				c.exact[name] = value
			}
		}
	}
	for key, value := range s.texts {
		_, rest, _ := split(key)
		switch kind, _, daily := strings.Cut(rest, ":"); {
		case daily && (kind == "processed" || kind == "failed"): // a run may see midnight
			n, _ := strconv.ParseInt(value, 10, 64)
			counters[strings.TrimSuffix(key, rest)+kind+":all days"] += n
		case rest == "paused":
			at, _ := strconv.ParseFloat(value, 64)
			c.exact[key] = "a time"
			c.times[key] = since(at)
		default:
			c.exact[key] = value
		}
	}
	for key, n := range counters {
		c.exact[key] = strconv.FormatInt(n, 10)
	}
	for key, ttl := range s.ttls {
		if _, rest, _ := split(key); strings.HasPrefix(rest, "unique:") {
			c.times[key+" ttl"] = since(float64(s.at.Add(ttl).UnixNano()) / 1e9)
		}
	}
	return c
}

// message adds what is in asynq's message.
func (c canon) message(name, value string, since func(float64) float64) {
	fields, err := decode(value)
	if err != nil {
		c.exact[name] = err.Error()
		return
	}
	for number, v := range fields {
		part := fmt.Sprintf("%s field %d", name, number)
		if at, _ := strconv.ParseFloat(v, 64); at > 0 && at < lastUnixTime &&
			(number == messageLastFailed || number == messageCompleted || number == messageDeadline) {
			c.exact[part] = "a time"
			c.times[part] = since(at)
			continue
		}
		c.exact[part] = v
	}
}

// differences says where c is not as want, within the tolerance for times.
func (c canon) differences(want canon, tolerance time.Duration) (all []string) {
	for key, value := range want.exact {
		if got, exists := c.exact[key]; !exists {
			all = append(all, fmt.Sprintf("%s is missing; plain asynq has %q", key, value))
		} else if got != value {
			all = append(all, fmt.Sprintf("%s is %q; plain asynq has %q", key, got, value))
		}
	}
	for key, value := range c.exact {
		if _, exists := want.exact[key]; !exists {
			all = append(all, fmt.Sprintf("%s is %q; plain asynq has none", key, value))
		}
	}
	for key, at := range want.times {
		if got, exists := c.times[key]; exists && max(got-at, at-got) > tolerance.Seconds() {
			all = append(all, fmt.Sprintf("%s is %.0f s after the start; plain asynq has %.0f s", key, got, at))
		}
	}
	sort.Strings(all)
	return all
}

func sorted(of []string) []string {
	all := slices.Clone(of)
	slices.Sort(all)
	return all
}
