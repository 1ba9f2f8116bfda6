package ratelimit

import (
	"context"
	"time"
)

// Lean is the limiter with one sorted set per bucket of time; see the package's documentation.
type Lean struct {
	buckets
	window int64 // microseconds

	turns    turns
	denials  denials
	previous previous
	unique   *unique
	now      func() time.Time
}

// NewLean returns a Lean limiter, or an error that lists what is wrong with cfg.
func NewLean(cfg Config) (*Lean, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	cfg = cfg.withDefaults()
	return &Lean{
		buckets:  newBuckets(cfg),
		window:   cfg.Window.Microseconds(),
		denials:  denials{max: cfg.MaxDenials},
		previous: previous{max: cfg.MaxDenials},
		unique:   newUnique(),
		now:      time.Now,
	}, nil
}

// Allow implements Limiter.
func (l *Lean) Allow(ctx context.Context, subject string) (Decision, error) {
	if subject == "" {
		return Decision{}, ErrNoSubject
	}
	subject = escape(subject)
	if d, ok := l.remembered(subject); ok {
		return d, nil
	}
	done, err := l.turns.take(ctx, subject)
	if err != nil {
		return Decision{}, err
	}
	defer done()
	if d, ok := l.remembered(subject); ok { // by the check before
		return d, nil
	}

	now := l.micros()
	w, err := l.count(ctx, subject, now)
	if err != nil {
		return Decision{}, err
	}
	n := w.before + w.current
	if n >= int64(l.cfg.Limit) {
		return l.deny(ctx, subject, now, w), nil
	}
	bucket := now / l.bucket
	key := l.key(bucket)
	if _, err := l.cfg.Store.ZAdd(ctx, key, 0, member(subject, now, l.unique.next())); err != nil {
		return Decision{}, &StoreError{"ZADD", key, err}
	}
	l.expire(ctx, bucket)
	return l.cfg.allowed(n), nil
}

// window is what the log says of one subject's window.
type window struct {
	from            int64 // first microsecond inside
	before, current int64 // entries in the previous and in the current bucket
}

// count counts the subject's entries that are inside the window at now: those not older than the window's length.
func (l *Lean) count(ctx context.Context, subject string, now int64) (w window, err error) {
	w.from = max(0, now-l.window+1)
	lower, upper := lexRange(subject, w.from)
	bucket := now / l.bucket
	if w.from/l.bucket < bucket {
		if w.before, err = l.countBefore(ctx, subject, now, w.from); err != nil {
			return w, err
		}
	}
	key := l.key(bucket)
	if w.current, err = l.cfg.Store.ZLexCount(ctx, key, lower, upper); err != nil {
		return w, &StoreError{"ZLEXCOUNT", key, err}
	}
	return w, nil
}

// countBefore counts the subject's entries from a time on in the bucket before that of now, with one command or from memory.
func (l *Lean) countBefore(ctx context.Context, subject string, now, from int64) (int64, error) {
	bucket := now/l.bucket - 1
	n, known, uncounted := l.previous.count(bucket, subject, from)
	if known {
		return n, nil
	}
	key := l.key(bucket)
	lower, upper := lexRange(subject, from)
	if ended := now - (bucket+1)*l.bucket; !uncounted && ended >= settling.Microseconds() {
		members, err := l.cfg.Store.ZRangeByLex(ctx, key, lower, upper, maxPreviousEntries)
		if err != nil {
			return 0, &StoreError{"ZRANGEBYLEX", key, err}
		}
		entries, ok := memberTimes(members, subject)
		if ok && len(entries) < maxPreviousEntries {
			l.previous.put(bucket, subject, look{from: from, entries: entries})
			return int64(len(entries)), nil
		}
		l.previous.put(bucket, subject, look{uncounted: true})
	}
	n, err := l.cfg.Store.ZLexCount(ctx, key, lower, upper)
	if err != nil {
		return 0, &StoreError{"ZLEXCOUNT", key, err}
	}
	return n, nil
}

// deny finds when the subject's next slot comes, remembers that and returns the denial.
func (l *Lean) deny(ctx context.Context, subject string, now int64, w window) Decision {
	// The slot comes when so many of the oldest entries have left that fewer than Limit remain: with one process that is 1.
	leave := w.before + w.current - int64(l.cfg.Limit) + 1
	key := l.key(now / l.bucket)
	if leave <= w.before {
		key = l.key(now/l.bucket - 1)
	} else {
		leave -= w.before
	}
	lower, upper := lexRange(subject, w.from)
	oldest, err := l.cfg.Store.ZRangeByLex(ctx, key, lower, upper, int(leave))
	if err != nil || len(oldest) < int(leave) {
		return l.cfg.denied(l.cfg.Window)
	}
	at, ok := memberTime(oldest[leave-1], subject)
	if !ok {
		return l.cfg.denied(l.cfg.Window)
	}
	until := at + l.window
	l.denials.put(subject, until)
	return l.cfg.denied(time.Duration(until-now) * time.Microsecond)
}

// remembered answers from memory when the subject is known to be denied still.
func (l *Lean) remembered(subject string) (Decision, bool) {
	wait, denied := l.denials.wait(subject, l.micros(), l.window)
	if !denied {
		return Decision{}, false
	}
	return l.cfg.denied(time.Duration(wait) * time.Microsecond), true
}

// micros is the time in microseconds; before 1970 it is 0.
func (l *Lean) micros() int64 { return max(0, l.now().UnixMicro()) }
