package ratelimit

import (
	"context"
	"fmt"
	"sync"
)

// turns lets the checks of one subject run one after another. Its memory is that of the subjects being checked right now.
type turns struct {
	mu    sync.Mutex
	byKey map[string]*turn
}

// turn is the queue of one subject.
type turn struct {
	token   chan struct{} // holds one token while nobody has the turn
	waiting int           // who has the turn or waits for it
}

// take waits for the turn of key; the caller must call done. The error is ErrBusy with the context's.
func (t *turns) take(ctx context.Context, key string) (done func(), err error) {
	t.mu.Lock()
	q, ok := t.byKey[key]
	if !ok {
		q = &turn{token: make(chan struct{}, 1)}
		q.token <- struct{}{}
		if t.byKey == nil {
			t.byKey = map[string]*turn{}
		}
		t.byKey[key] = q
	}
	q.waiting++
	t.mu.Unlock()

	select {
	case <-q.token:
		return func() {
			q.token <- struct{}{}
			t.leave(key, q)
		}, nil
	case <-ctx.Done():
		t.leave(key, q)
		return nil, fmt.Errorf("%w: %w", ErrBusy, ctx.Err())
	}
}

// leave forgets the queue with its last member.
func (t *turns) leave(key string, q *turn) {
	t.mu.Lock()
	defer t.mu.Unlock()
	q.waiting--
	if q.waiting == 0 {
		delete(t.byKey, key)
	}
}
