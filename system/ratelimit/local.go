package ratelimit

import (
	"context"
	"sync"
	"time"
)

// Local is the limiter with its log in this process's memory, for a process that is the only one; see the package's
// documentation. The owner calls Restore before the first check, and Close.
type Local struct {
	buckets
	unique *unique
	now    func() time.Time

	mu     sync.Mutex
	memory *memory
	timer  *time.Timer // of the next flush; nil when nothing new waits for one
	closed bool

	writing chan struct{} // holds one token while a flush is under way
	written uint64        // number of the latest entry that is in Redis; of the flush under way

	ctx     context.Context // of timed flushes; ends at Close
	cancel  context.CancelFunc
	running sync.WaitGroup // timed flushes, those that wait included
}

// NewLocal returns a Local limiter, or an error that lists what is wrong with cfg.
func NewLocal(cfg Config) (*Local, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	cfg = cfg.withDefaults()
	l := &Local{
		buckets: newBuckets(cfg),
		unique:  newUnique(),
		now:     time.Now,
		memory:  newMemory(cfg.Window.Microseconds()),
		writing: make(chan struct{}, 1),
	}
	l.ctx, l.cancel = context.WithCancel(context.Background())
	return l, nil
}

// Allow implements Limiter. It never waits for Redis. The error is ErrNoSubject or ErrFull.
func (l *Local) Allow(_ context.Context, subject string) (Decision, error) {
	if subject == "" {
		return Decision{}, ErrNoSubject
	}
	subject = escape(subject)
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.memory.advance(l.micros())
	times := l.memory.times(subject)
	if free := len(times) - l.cfg.Limit; free >= 0 { // the slot comes when this entry has left
		return l.cfg.denied(time.Duration(times[free]+l.memory.window-now) * time.Microsecond), nil
	}
	if l.memory.entries.len() >= l.cfg.MaxEntries {
		return Decision{}, ErrFull
	}
	l.memory.add(subject)
	l.flushLaterLocked()
	return l.cfg.allowed(int64(len(times))), nil
}

// micros is the time in microseconds; before 1970 it is 0.
func (l *Local) micros() int64 { return max(0, l.now().UnixMicro()) }
