package thrift

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/redis/go-redis/v9"
)

// clearServerStateSHA is of the script by which asynq's server leaves. It passes through.
const clearServerStateSHA = "79cf8dbc80deca37314fdfdeb9fe33a12c9baad7"

// errNotRecognized answers a command in the self-test that ought to be recognised.
var errNotRecognized = errors.New("thrift: not recognised")

// recorder stands in for Redis in the self-test: it compares each command with what is expected, and answers it. It is
// safe for concurrent use.
type recorder struct {
	recognizer recognizer
	client     redis.UniversalClient // for asynq; it never connects

	mu           sync.Mutex
	expectations []*expectation
	messages     []string      // of the jobs that were enqueued, for dequeue
	mismatch     error         // the first
	changed      chan struct{} // gets a value after each command
}

func newRecorder(r recognizer) *recorder {
	rec := &recorder{recognizer: r, changed: make(chan struct{}, 1)}
	pipeline := func(context.Context, []redis.Cmder) error { return errNotRecognized } // asynq uses none
	rec.client = newFront(rec.process, pipeline, nil).UniversalClient
	return rec
}

// expect adds to what may come.
func (r *recorder) expect(wanted ...*expectation) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.expectations = append(r.expectations, wanted...)
}

// wait returns when all that is expected has come, at the first mismatch, or when ctx ends.
func (r *recorder) wait(ctx context.Context) error {
	for {
		missing, err := r.progress()
		if err != nil || missing == "" {
			return err
		}
		select {
		case <-r.changed:
		case <-ctx.Done():
			return fmt.Errorf("expected %s, and nothing like it came: %w", missing, ctx.Err())
		}
	}
}

func (r *recorder) progress() (missing string, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.missingLocked(nil), r.mismatch
}

// missingLocked names what has not come; where args hold the ID of an expected job, only that.
func (r *recorder) missingLocked(args []any) string {
	var names []string
	for _, e := range r.expectations {
		if e.seen {
			continue
		}
		if id := e.want.id; id != "" && slices.Contains(args, any(id)) {
			return e.name
		}
		names = append(names, e.name)
	}
	return strings.Join(names, ", ")
}

// process takes a command in Redis' place.
func (r *recorder) process(_ context.Context, cmd redis.Cmder) error {
	op := r.recognizer.recognize(cmd.Args())
	err := r.record(cmd.Args(), &op)
	if err == nil {
		err = r.answer(cmd, &op)
	}
	if err != nil {
		cmd.SetErr(err)
	}
	select {
	case r.changed <- struct{}{}:
	default:
	}
	return err
}

// record compares a command with what is expected. The error is of one that is not.
func (r *recorder) record(args []any, op *operation) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, e := range r.expectations {
		if !e.concerns(op) {
			continue
		}
		if differences := e.differences(*op); differences != "" {
			return r.failLocked(fmt.Errorf("%s: %s", e.name, differences))
		}
		e.seen = true
		return nil
	}
	if op.kind == unknown && passesThrough(args) || ofHeartbeat(op) {
		return nil
	}
	missing := r.missingLocked(args)
	if missing == "" {
		missing = "nothing new"
	}
	return r.failLocked(fmt.Errorf("expected %s, got a command that is not: %s", missing, commandText(args)))
}

func (r *recorder) failLocked(err error) error {
	if r.mismatch == nil {
		r.mismatch = err
	}
	return errNotRecognized
}

// answer replies as an empty Redis would that has only the jobs of which asynq was told by enqueue.
func (r *recorder) answer(cmd redis.Cmder, op *operation) error {
	if set, ok := cmd.(*redis.BoolCmd); ok {
		set.SetVal(true)
		return nil
	}
	switch op.kind {
	case enqueue:
		r.mu.Lock()
		r.messages = append(r.messages, op.msg)
		r.mu.Unlock()
	case dequeue:
		message, ok := r.next()
		if !ok {
			return redis.Nil
		}
		return reply(cmd, message)
	case forward, deleteExpired, aggregate:
		return reply(cmd, int64(0))
	case listExpired:
		return reply(cmd, []any{})
	case listGroups:
		return reply(cmd, []string{trialGroup})
	}
	return reply(cmd, int64(1)) // where asynq ignores the reply, too
}

// next takes the message of the job that has waited longest.
func (r *recorder) next() (message string, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.messages) == 0 {
		return "", false
	}
	message = r.messages[0]
	r.messages = r.messages[1:]
	return message, true
}

// passesThrough says whether a command is one by which asynq's servers and schedulers leave.
func passesThrough(args []any) bool {
	return args[0] == "zrem" || args[0] == "del" || len(args) > 1 && args[0] == "evalsha" && args[1] == clearServerStateSHA
}

// ofHeartbeat says whether op is one that asynq adds to a heartbeat, each 5 seconds, for the jobs that run then. It comes in
// the self-test only on a machine that stood still, and for any of the jobs.
func ofHeartbeat(op *operation) bool {
	return op.kind == extendLease || op.kind == serverState && len(op.pairs) > 0
}

// commandText shows a command of the self-test, which holds nothing secret.
func commandText(args []any) string {
	var text strings.Builder
	for _, arg := range args {
		if data, ok := arg.([]byte); ok {
			arg = fmt.Sprintf("%q", data)
		}
		fmt.Fprintf(&text, "%v ", arg)
	}
	return strings.TrimSpace(text.String())
}
