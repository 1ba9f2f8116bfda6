package thrift_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
)

// dialer reaches a Redis.
type dialer func(context.Context) (net.Conn, error)

// line is what connects one process to the Redis. It counts connections and breaks them.
type line struct {
	dial dialer

	mu     sync.Mutex
	open   map[*lineConn]struct{}
	peak   int
	opened int
	cut    bool
	deaf   atomic.Bool // what subscribers are sent is lost
	losing *rand.Rand  // draws which answers are lost; nil loses none
}

// lossEvery is of how many reads one is lost, with its connection, on a line that loses answers.
const lossEvery = 20

// lose has answers be lost from now on, whose commands were run; or none.
func (l *line) lose(answers bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.losing = nil
	if answers {
		l.losing = rand.New(rand.NewPCG(1, 2))
	}
}

// loses says whether the answer that came is lost.
func (l *line) loses() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.losing != nil && l.losing.IntN(lossEvery) == 0
}

func newLine(dial dialer) *line { return &line{dial: dial, open: map[*lineConn]struct{}{}} }

// errCut is what a process meets whose line is cut.
var errCut = errors.New("the line is cut")

// DialContext is for go-redis. It never waits: go-redis' subscriber dials while it holds a mutex that others wait for, and
// in a bubble no time passes while a goroutine waits for a mutex. What a failure takes is up to pace.
func (l *line) DialContext(ctx context.Context, _, _ string) (net.Conn, error) {
	if l.isCut() {
		return nil, errCut
	}
	conn, err := l.dial(ctx)
	if err != nil {
		return nil, err
	}
	c := &lineConn{Conn: conn, line: l}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.cut {
		_ = conn.Close()
		return nil, net.ErrClosed
	}
	l.open[c] = struct{}{}
	l.opened++
	l.peak = max(l.peak, len(l.open))
	return c, nil
}

func (l *line) isCut() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.cut
}

// cutOff ends every connection, and no other can be opened: what its process does then reaches nobody. Or that is over.
func (l *line) cutOff(cut bool) {
	l.mu.Lock()
	l.cut = cut
	l.mu.Unlock()
	if cut {
		l.kill()
	}
}

// kill ends every connection. Others can be opened.
func (l *line) kill() {
	l.mu.Lock()
	var broken []*lineConn
	for c := range l.open {
		broken = append(broken, c)
	}
	l.mu.Unlock()
	for _, c := range broken {
		_ = c.Conn.Close() // its owner notices and closes it for its part
	}
}

// count says how many connections the process has not closed.
func (l *line) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.open)
}

// most says how many were open at a time.
func (l *line) most() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.peak
}

type lineConn struct {
	net.Conn
	line       *line
	subscribed atomic.Bool
}

func (c *lineConn) Write(p []byte) (int, error) {
	if bytes.Contains(bytes.ToLower(p), []byte("subscribe")) {
		c.subscribed.Store(true)
	}
	return c.Conn.Write(p)
}

// Read loses what a subscriber is sent while the line is deaf, and the answers that the line loses.
func (c *lineConn) Read(p []byte) (int, error) {
	for {
		n, err := c.Conn.Read(p)
		switch {
		case err == nil && c.subscribed.Load() && c.line.deaf.Load():
			continue
		case err == nil && !c.subscribed.Load() && c.line.loses():
			_ = c.Conn.Close() // the error that is returned is what matters
			return 0, io.ErrUnexpectedEOF
		}
		return n, err
	}
}

func (c *lineConn) Close() error {
	c.line.mu.Lock()
	delete(c.line.open, c)
	c.line.mu.Unlock()
	if err := c.Conn.Close(); !errors.Is(err, net.ErrClosed) { // the line may have ended it
		return err
	}
	return nil
}

// pace has a command that fails take its time, as on any network: asynq repeats a failed dequeue without a pause, and in
// memory it would do so for ever at one moment of virtual time.
type pace struct{ line *line }

// How long a command takes at least that is answered with an error, and one that nobody answers.
const (
	refusal = 5 * time.Millisecond
	silence = time.Second
)

func (p pace) DialHook(next redis.DialHook) redis.DialHook { return next }

func (p pace) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		return p.take(ctx, func() error { return next(ctx, cmd) }, cmd)
	}
}

func (p pace) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		return p.take(ctx, func() error { return next(ctx, cmds) }, cmds...)
	}
}

func (p pace) take(ctx context.Context, process func() error, cmds ...redis.Cmder) error {
	if slices.Contains([]string{"hello", "auth", "client", "select"}, cmds[0].Name()) {
		return process() // of a handshake, which must not wait either
	}
	err, least := errCut, silence
	if !p.line.isCut() {
		err, least = process(), refusal
	}
	if err != nil && !errors.Is(err, redis.Nil) {
		timer := time.NewTimer(least)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
		}
	}
	return err
}
