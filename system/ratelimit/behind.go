package ratelimit

import (
	"context"
	"errors"
	"fmt"
	"time"
)

const (
	// behindTimeout bounds one flush, and one Restore.
	behindTimeout = 5 * time.Second
	// maxMembers is the most members in one command: with the longest subjects some 2 MB, where Upstash takes 10.
	maxMembers = 5000
	// maxPages is the most commands with which Restore reads one bucket.
	maxPages = 20
)

// Flush writes the entries that Redis lacks and that are still inside the window: one ZADD for all subjects, per bucket and per
// 5,000 entries. What it could not write stays for the next flush, under the same names, so that nothing counts twice. It takes
// at most 5 s. The error is a StoreError or the context's.
func (l *Local) Flush(ctx context.Context) error {
	select {
	case l.writing <- struct{}{}:
		defer func() { <-l.writing }()
	case <-ctx.Done():
		return fmt.Errorf("ratelimit: flush of %q: another one is under way: %w", l.cfg.Name, ctx.Err())
	}
	ctx, cancel := context.WithTimeout(ctx, behindTimeout)
	defer cancel()
	for {
		batch := l.unwritten()
		if len(batch) == 0 {
			return nil
		}
		members := make([]string, len(batch))
		for i, e := range batch {
			members[i] = member(e.subject, e.at, l.unique.numbered(e.number))
		}
		bucket := batch[0].at / l.bucket
		if _, err := l.cfg.Store.ZAdd(ctx, l.key(bucket), 0, members...); err != nil {
			return &StoreError{"ZADD", l.key(bucket), err}
		}
		l.expire(ctx, bucket)
		l.written = batch[len(batch)-1].number
	}
}

func (l *Local) unwritten() []entry {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.memory.advance(l.micros())
	return l.memory.unwritten(l.written, l.bucket, maxMembers)
}

// flushLaterLocked sees to it that what is new is written an interval from now, where the window is long enough to be worth it.
func (l *Local) flushLaterLocked() {
	if l.timer != nil || l.closed || l.cfg.Window < 2*l.cfg.FlushInterval {
		return
	}
	l.running.Add(1)
	l.timer = time.AfterFunc(l.cfg.FlushInterval, func() {
		defer l.running.Done()
		l.mu.Lock()
		l.timer = nil
		l.mu.Unlock()
		if err := l.Flush(l.ctx); err != nil { // the next one repeats it
			l.mu.Lock()
			defer l.mu.Unlock()
			l.flushLaterLocked()
		}
	})
}

// Close ends the timed flushes and writes what Redis lacks. The error is Flush's: then a start after this forgets at most a
// window. Checks after Close are answered and not written. Closing twice is harmless.
func (l *Local) Close(ctx context.Context) error {
	l.mu.Lock()
	l.closed = true
	if l.timer != nil && l.timer.Stop() {
		l.running.Done()
	}
	l.timer = nil
	l.mu.Unlock()
	l.cancel()
	l.running.Wait()
	return l.Flush(ctx)
}

// Restore reads the window that earlier processes left in Redis, whether they were Local or Lean. It takes at most 5 s, and reads
// at most 100,000 entries of a bucket. An error (a StoreError, or that there is more) means that subjects may have forgotten a
// part of a window; what was read counts.
func (l *Local) Restore(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, behindTimeout)
	defer cancel()
	now := l.micros()
	from := max(0, now-l.cfg.Window.Microseconds()+1)
	var found []entry
	var errs []error
	for bucket := from / l.bucket; bucket <= now/l.bucket; bucket++ {
		err := l.read(ctx, l.key(bucket), func(m string) {
			subject, at, unique, ok := splitMember(m)
			if ok && at >= from && !l.unique.made(unique) {
				found = append(found, entry{at: at, subject: subject})
			}
		})
		errs = append(errs, err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.memory.advance(l.micros())
	l.memory.merge(found, l.cfg.MaxEntries)
	return errors.Join(errs...)
}

// read calls take with each member of a bucket.
func (l *Local) read(ctx context.Context, key string, take func(member string)) error {
	lower := "-"
	for range maxPages {
		members, err := l.cfg.Store.ZRangeByLex(ctx, key, lower, "+", maxMembers)
		if err != nil {
			return &StoreError{"ZRANGEBYLEX", key, err}
		}
		for _, m := range members {
			take(m)
		}
		if len(members) < maxMembers {
			return nil
		}
		lower = "(" + members[len(members)-1]
	}
	return fmt.Errorf("ratelimit: %q holds more than %d entries: not all of the window was read back", key, maxPages*maxMembers)
}
