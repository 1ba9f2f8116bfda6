package ratelimit

import (
	"context"
	"strconv"
	"time"
)

// expirySlack is added to a bucket's time to live, for processes whose clocks are behind.
const expirySlack = time.Minute

// Lean is the limiter with one sorted set per bucket of time; see the package's documentation.
type Lean struct {
	cfg    Config
	prefix string // of the keys of buckets
	window int64  // microseconds
	bucket int64  // microseconds

	turns    turns
	denials  denials
	expiries expiries
	unique   *unique
	now      func() time.Time
}

// NewLean returns a Lean limiter, or an error that lists what is wrong with cfg.
func NewLean(cfg Config) (*Lean, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	cfg = cfg.withDefaults()
	bucket := cfg.Bucket.Microseconds()
	return &Lean{
		cfg:      cfg,
		prefix:   "ratelimit-lean:" + cfg.Name + ":" + strconv.FormatInt(bucket, 10) + ":",
		window:   cfg.Window.Microseconds(),
		bucket:   bucket,
		denials:  denials{max: cfg.MaxDenials},
		expiries: expiries{latest: -1},
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
		key := l.key(bucket - 1)
		if w.before, err = l.cfg.Store.ZLexCount(ctx, key, lower, upper); err != nil {
			return w, &StoreError{"ZLEXCOUNT", key, err}
		}
	}
	key := l.key(bucket)
	if w.current, err = l.cfg.Store.ZLexCount(ctx, key, lower, upper); err != nil {
		return w, &StoreError{"ZLEXCOUNT", key, err}
	}
	return w, nil
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

// expire gives the bucket its time to live, once; what fails is repeated at a later check.
func (l *Lean) expire(ctx context.Context, bucket int64) {
	for _, b := range l.expiries.take(bucket) {
		ttl := wholeSeconds(l.cfg.Bucket + l.cfg.Window + expirySlack)
		if _, err := l.cfg.Store.Expire(ctx, l.key(b), ttl); err != nil {
			l.expiries.giveBack(b)
		}
	}
}

func (l *Lean) key(bucket int64) string { return l.prefix + strconv.FormatInt(bucket, 10) }

// micros is the time in microseconds; before 1970 it is 0.
func (l *Lean) micros() int64 { return max(0, l.now().UnixMicro()) }
