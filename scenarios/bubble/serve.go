package bubble

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/signal"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// progressEvery is the real time between two progress messages.
const progressEvery = 250 * time.Millisecond

// Outside is what a bubble knows of the world outside. Its methods never wait.
type Outside struct {
	stop     atomic.Bool
	progress atomic.Pointer[any]
}

// Stopped says whether the program was interrupted.
func (o *Outside) Stopped() bool { return o.stop.Load() }

// Stop has Stopped say so.
func (o *Outside) Stop() { o.stop.Store(true) }

// Tell has p sent to the parent soon, unless something newer comes before. Nobody may change it any more.
func (o *Outside) Tell(p any) { o.progress.Store(&p) }

// Latest is what was told last, or nil.
func (o *Outside) Latest() any {
	if p := o.progress.Load(); p != nil {
		return *p
	}
	return nil
}

// Serve reads a request from the standard input, has handle answer it in a bubble, writes the answer to the standard
// output and ends the program. It is to be called from main.
func Serve[Request, Result any](handle func(ctx context.Context, r Request, o *Outside) (Result, error)) {
	out := &sender{out: json.NewEncoder(os.Stdout)}
	var request Request
	if err := json.NewDecoder(os.Stdin).Decode(&request); err != nil {
		out.send(message{Error: fmt.Sprintf("read the request: %v", err)})
		os.Exit(0)
	}
	outside := &Outside{}
	watch(outside, out)
	os.Args = os.Args[:1] // package testing reads them
	if null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0); err == nil {
		os.Stdout = null // where package testing writes PASS
	}
	testing.Main(func(string, string) (bool, error) { return true, nil }, []testing.InternalTest{{
		Name: "bubble", F: func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				result, err := handle(t.Context(), request, outside)
				out.answer(result, err)
			})
		},
	}}, nil, nil)
}

// watch listens for an interrupt and sends progress, for as long as the program runs. It must be called outside the bubble.
func watch(outside *Outside, out *sender) {
	interrupts := make(chan os.Signal, 1)
	signal.Notify(interrupts, os.Interrupt, syscall.SIGTERM)
	go func() {
		for range interrupts {
			outside.Stop()
		}
	}()
	go func() {
		var last *any
		for range time.Tick(progressEvery) {
			if p := outside.progress.Load(); p != nil && p != last {
				last = p
				out.progress(*p)
			}
		}
	}()
}

// sender writes messages one after another, and none after the answer.
type sender struct {
	mu       sync.Mutex
	out      *json.Encoder
	answered bool
}

func (s *sender) progress(p any) {
	if data, err := json.Marshal(p); err == nil { // what cannot be told is not told
		s.send(message{Progress: data})
	}
}

func (s *sender) answer(result any, err error) {
	var m message
	if err == nil {
		m.Result, err = json.Marshal(result)
	}
	if err != nil {
		m = message{Error: err.Error()}
	}
	s.send(m)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answered = true
}

func (s *sender) send(m message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.answered {
		return
	}
	if err := s.out.Encode(m); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
}
