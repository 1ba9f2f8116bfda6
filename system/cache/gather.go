package cache

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// gatherer reads keys for many callers at once: equal keys share a flight, and the flights of one moment share an MGET.
type gatherer struct {
	store   Store
	near    *near
	wait    time.Duration // 0: each key is read at once, by itself
	timeout time.Duration
	work    *work

	reads flights
	mu    sync.Mutex
	open  *batch
}

// batch is the reads that will share one command.
type batch struct {
	flights []*flight
	timer   *time.Timer
}

// read returns what the store holds under key. An error of the store reaches every caller of the batch.
func (g *gatherer) read(ctx context.Context, key string) (answer, error) {
	f, leads := g.reads.join(key, g.near.generation(key))
	if leads {
		// A flight that landed between the caller's look at the near cache and now has left its answer there.
		if a, ok := g.near.get(key); ok {
			g.reads.leave(f)
			f.land(a, nil)
		} else {
			g.lead(f)
		}
	}
	return f.wait(ctx)
}

// lead puts a new flight into the open batch, or opens one.
func (g *gatherer) lead(f *flight) {
	g.mu.Lock()
	defer g.mu.Unlock()
	b := g.open
	if b == nil {
		if !g.work.begin() {
			g.reads.leave(f)
			f.land(answer{}, ErrClosed)
			return
		}
		b = &batch{}
		g.open = b
		if g.wait > 0 {
			b.timer = time.AfterFunc(g.wait, func() { g.close(b) })
		}
	}
	b.flights = append(b.flights, f)
	if g.wait > 0 && len(b.flights) < MaxBatch {
		return
	}
	g.open = nil
	if b.timer == nil || b.timer.Stop() {
		go g.send(b)
	}
}

// close ends the gathering of b when its time is up, and sends it.
func (g *gatherer) close(b *batch) {
	g.mu.Lock()
	if g.open == b {
		g.open = nil
	}
	g.mu.Unlock()
	g.send(b)
}

// send asks the store for the keys of b and lands all its flights.
func (g *gatherer) send(b *batch) {
	defer g.work.end()
	ctx, cancel := context.WithTimeout(g.work.ctx, g.timeout)
	defer cancel()
	asked := time.Now()
	answers, err := g.ask(ctx, b.flights)
	for i, f := range b.flights {
		if err != nil {
			g.reads.leave(f)
			f.land(answer{}, &StoreError{Op: "get", Key: f.key, Err: err})
			continue
		}
		g.near.learn(f.key, answers[i], asked, f.generation)
		g.reads.leave(f)
		f.land(answers[i], nil)
	}
}

// ask reads the keys of the flights with one command.
func (g *gatherer) ask(ctx context.Context, fs []*flight) ([]answer, error) {
	if len(fs) == 1 {
		raw, found, err := g.store.Get(ctx, fs[0].key)
		return []answer{{raw, found}}, err
	}
	keys := make([]string, len(fs))
	for i, f := range fs {
		keys[i] = f.key
	}
	raws, err := g.store.MGet(ctx, keys...)
	if err != nil {
		return nil, err
	}
	if len(raws) != len(keys) {
		return nil, fmt.Errorf("MGET of %d keys brought %d values", len(keys), len(raws))
	}
	answers := make([]answer, len(raws))
	for i, raw := range raws {
		answers[i] = answer{raw: raw, found: raw != nil}
	}
	return answers, nil
}
