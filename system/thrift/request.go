package thrift

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
)

// request is a part of a commit: a script, or plain commands, for one queue.
type request struct {
	script *redis.Script
	keys   []string
	args   []any

	// Of a request without a script: its commands, whether those that Redis refuses are sent again, and what sets the
	// results from them.
	plain  func(context.Context, redis.Pipeliner) []redis.Cmder
	insist bool
	judge  func()

	changes []*change
	refused []*change     // new jobs of which a part was refused
	left    []redis.Cmder // to be sent again later
	fetch   *fetch
	cmds    []redis.Cmder
}

// queue puts the request into a pipeline.
func (r *request) queue(ctx context.Context, pipe redis.Pipeliner) {
	if r.plain != nil {
		r.cmds = r.plain(ctx, pipe)
		return
	}
	r.cmds = []redis.Cmder{r.script.EvalSha(ctx, pipe, r.keys, r.args...)}
}

// read sets the results of the changes or the fetch. The error is of all of them.
func (r *request) read() error {
	switch {
	case r.fetch != nil:
		return r.readFetch()
	case r.script == nil:
		return r.readPlain()
	}
	results, err := r.cmds[0].(*redis.Cmd).Int64Slice()
	if err != nil {
		return err
	}
	if len(results) != len(r.changes) {
		return fmt.Errorf("%w: %d results for %d jobs", errReply, len(results), len(r.changes))
	}
	for i, ch := range r.changes {
		ch.result = results[i]
		if ch.ends && ch.again && ch.result == 0 {
			ch.result = 1 // an earlier attempt, whose answer was lost, wrote it
		}
	}
	return nil
}

// readPlain sets the results from plain commands. An error of the connection is of all changes.
func (r *request) readPlain() error {
	for _, cmd := range r.cmds {
		if err := cmd.Err(); broken(err) {
			return err
		}
	}
	r.judge()
	return nil
}

func (r *request) readFetch() error {
	list, err := r.cmds[0].(*redis.Cmd).StringSlice()
	if errors.Is(err, redis.Nil) {
		r.fetch.paused = true
		return nil
	}
	if err != nil {
		return err
	}
	now := time.Now()
	for i := 0; i+1 < len(list); i += 2 {
		r.fetch.found = append(r.fetch.found, job{queue: r.fetch.queue, id: list[i], message: list[i+1], taken: now, lease: r.fetch.lease, waited: true})
	}
	return nil
}

// maxPlainEnds is how many jobs of one queue are deleted by plain commands in one commit: of more, a script has fewer.
const maxPlainEnds = 4

// plan makes requests of changes and fetches. New jobs come first, so that a fetch finds them. On a cluster a request
// serves one queue.
func plan(changes []*change, fetches []*fetch, split bool, now time.Time) []*request {
	plainEnds := map[*queue]int{}
	for _, ch := range changes {
		if ch.ends && ch.plain(now) {
			plainEnds[ch.queue]++
		}
	}
	var order []batchKey
	batches := map[batchKey][]*change{}
	for _, ch := range changes {
		key := batchKey{ch.queue, ch.ends, ch.plain(now)}
		if key.ends && key.plain {
			key.plain = plainEnds[ch.queue] <= maxPlainEnds
			if key.plain && !split {
				key.queue = nil // those of all queues together
			}
		}
		if _, ok := batches[key]; !ok {
			order = append(order, key)
		}
		batches[key] = append(batches[key], ch)
	}
	var requests []*request
	for _, key := range order {
		for batch := batches[key]; len(batch) > 0; {
			n := min(len(batch), maxBatch)
			requests = append(requests, key.request(batch[:n:n], now))
			batch = batch[n:]
		}
	}
	for _, f := range fetches {
		requests = append(requests, fetchRequest(f, now))
	}
	return requests
}

// batchKey is what changes must share to be written together.
type batchKey struct {
	queue *queue // nil: any
	ends  bool
	plain bool
}

func (k batchKey) request(batch []*change, now time.Time) *request {
	switch {
	case k.ends && k.plain:
		return endPlainly(batch)
	case k.ends:
		return endByScript(batch)
	case k.plain:
		return addPlainly(batch, now)
	default:
		return addByScript(batch, now)
	}
}
