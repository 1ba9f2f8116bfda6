package cache

import (
	"context"
	"sync"
)

// flight is work that several callers wait for: the read of one key, or one load. Its outcome is set before done is closed and
// never changes afterwards.
type flight struct {
	key string
	// generation of the key when the work began: a caller that comes after a local write starts its own flight.
	generation uint64
	done       chan struct{}
	answer     answer
	err        error
}

// land publishes the outcome to all who wait.
func (f *flight) land(a answer, err error) {
	f.answer, f.err = a, err
	close(f.done)
}

// wait returns the outcome, or the context's error when the caller gives up first.
func (f *flight) wait(ctx context.Context) (answer, error) {
	select {
	case <-f.done:
		return f.answer, f.err
	case <-ctx.Done():
		return answer{}, ctx.Err()
	}
}

// flights is the work under way by key. It is safe for concurrent use.
type flights struct {
	mu    sync.Mutex
	byKey map[string]*flight
}

// join returns the flight for key at generation and whether the caller leads it, that is: must see to it that it lands.
func (fs *flights) join(key string, generation uint64) (f *flight, leads bool) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	if f, ok := fs.byKey[key]; ok && f.generation == generation {
		return f, false
	}
	if fs.byKey == nil {
		fs.byKey = map[string]*flight{}
	}
	f = &flight{key: key, generation: generation, done: make(chan struct{})}
	fs.byKey[key] = f
	return f, true
}

// leave takes a flight out before it lands, so that later callers start anew.
func (fs *flights) leave(f *flight) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	if fs.byKey[f.key] == f {
		delete(fs.byKey, f.key)
	}
}
