package thrift

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// Bounds of a commit.
const (
	lanes          = 2                // commits under way at a time
	maxCommitBytes = 1 << 20          // of one commit; a single larger change goes alone
	commitTimeout  = 20 * time.Second // of one attempt

	// linger is how long the end of an attempt waits for others, and maxHeld how many wait.
	linger  = 50 * time.Millisecond
	maxHeld = 200
)

// committer writes changes. What comes in while others are under way is sent together: one round trip, and few commands.
type committer struct {
	g *Governor

	mu      sync.Mutex
	held    []*change   // ends that wait for others
	release *time.Timer // of those; nil without
	changes []*change
	fetches []*fetch
	busy    int // lanes in use
	running sync.WaitGroup
}

func newCommitter(g *Governor) *committer { return &committer{g: g} }

// do writes a change and waits for it. When ctx ends first, the change may still be written.
func (c *committer) do(ctx context.Context, ch *change) error {
	c.submit([]*change{ch}, nil)
	select {
	case <-ch.settled:
		return ch.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// submit hands over what is to be sent.
func (c *committer) submit(changes []*change, fetches []*fetch) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.changes = append(c.changes, changes...)
	c.fetches = append(c.fetches, fetches...)
	if c.busy < lanes && len(c.changes)+len(c.fetches) > 0 {
		c.busy++
		c.running.Go(c.lane)
	}
}

// hold keeps a change for a moment, so that others can be sent with it.
func (c *committer) hold(ch *change) {
	c.mu.Lock()
	c.held = append(c.held, ch)
	n := len(c.held)
	if n == 1 {
		c.release = time.AfterFunc(linger, c.sendHeld)
	}
	c.mu.Unlock()
	if n == maxHeld {
		c.sendHeld()
	}
}

// sendHeld submits the changes that were kept.
func (c *committer) sendHeld() {
	c.mu.Lock()
	held := c.held
	c.held = nil
	if c.release != nil {
		c.release.Stop()
		c.release = nil
	}
	c.mu.Unlock()
	c.submit(held, nil)
}

// close writes what was kept, and waits for the commits under way.
func (c *committer) close() {
	c.sendHeld()
	c.running.Wait()
}

// lane commits until nothing is left.
func (c *committer) lane() {
	for {
		changes, fetches := c.take()
		if len(changes)+len(fetches) == 0 {
			return
		}
		c.commit(changes, fetches)
	}
}

// take is the next commit. An empty one gives the lane up.
func (c *committer) take() ([]*change, []*fetch) {
	c.mu.Lock()
	defer c.mu.Unlock()
	n, bytes := 0, 0
	for n < len(c.changes) && (n == 0 || c.g.full() && bytes+c.changes[n].size() <= maxCommitBytes) {
		bytes += c.changes[n].size()
		n++
	}
	changes, fetches := c.changes[:n:n], c.fetches
	c.changes, c.fetches = c.changes[n:], nil
	if n+len(fetches) == 0 {
		c.changes = nil
		c.busy--
	}
	return changes, fetches
}

// commit sends changes and fetches in one round trip and settles them, or puts those aside that are to be repeated.
func (c *committer) commit(changes []*change, fetches []*fetch) {
	c.g.sending(fetches, changes)
	requests := plan(changes, fetches, c.g.split, time.Now())
	ctx, cancel := context.WithTimeout(context.Background(), commitTimeout)
	defer cancel()
	c.g.at(FailBeforeCommit)
	c.send(ctx, requests)
	c.g.at(FailAfterCommit)
	var repeat, settled []*change
	for _, r := range requests {
		if refused := failed(r.cmds); r.insist && !broken(firstError(refused...)) {
			_ = c.insist(ctx, refused) // what is left is in the commands
		}
		err := r.read()
		if len(r.refused) > 0 {
			c.takeBack(ctx, r.refused)
		}
		c.g.keepLeft(r.left)
		for _, ch := range r.changes {
			if broken(err) && ch.attempts < maxAttempts-1 {
				ch.again = ch.again || !unsent(err)
				ch.attempts++
				repeat = append(repeat, ch)
				continue
			}
			if err != nil && ch.err == nil {
				ch.err = err
			}
			c.g.settle(ch)
			settled = append(settled, ch)
		}
		if r.fetch != nil {
			r.fetch.err = err
			c.g.fetched(r.fetch)
		}
	}
	for _, ch := range settled { // only now, as what was fetched decides where their next jobs go
		close(ch.settled)
	}
	if len(repeat) > 0 {
		c.g.sleep(ctx, retryBackoff(repeat[0].attempts))
		c.submit(repeat, nil)
	}
}

// send sends requests together. Redis forgets scripts at a restart; those it does not know are sent again with their text.
func (c *committer) send(ctx context.Context, requests []*request) {
	pipe := c.g.redis.Pipeline()
	for _, r := range requests {
		r.queue(ctx, pipe)
	}
	_, _ = pipe.Exec(ctx) // each command has its own error
	pipe = c.g.redis.Pipeline()
	for _, r := range requests {
		if r.script != nil && noScript(r.cmds[0].Err()) {
			for _, ch := range r.changes {
				ch.sentWith = nil // the fetch may have been before it
			}
			r.cmds = []redis.Cmder{r.script.Eval(ctx, pipe, r.keys, r.args...)}
		}
	}
	if pipe.Len() > 0 {
		_, _ = pipe.Exec(ctx)
	}
}

// insist sends commands that may be repeated without harm, and again those that Redis refuses. It returns the first error
// that is left: of the connection, of the plan's quota, or the last refusal.
func (c *committer) insist(ctx context.Context, cmds []redis.Cmder) error {
	for attempt := 1; len(cmds) > 0; attempt++ {
		_, _ = c.g.redis.Pipelined(ctx, func(pipe redis.Pipeliner) error {
			for _, cmd := range cmds {
				cmd.SetErr(nil)
				_ = pipe.Process(ctx, cmd)
			}
			return nil
		})
		cmds = failed(cmds)
		err := firstError(cmds...)
		if err != nil && (broken(err) || quotaSpent(err) || attempt == maxAttempts || !c.g.sleep(ctx, retryBackoff(attempt))) {
			return err
		}
	}
	return nil
}

// failed are the commands with an error.
func failed(cmds []redis.Cmder) (with []redis.Cmder) {
	for _, cmd := range cmds {
		if cmd.Err() != nil {
			with = append(with, cmd)
		}
	}
	return with
}

func noScript(err error) bool { return err != nil && strings.HasPrefix(err.Error(), "NOSCRIPT") }

// run runs one script of its own, again after a network error. lost says that an answer was lost: the script may have run
// more than once.
func (c *committer) run(ctx context.Context, script *redis.Script, keys []string, args ...any) (reply []any, lost bool, err error) {
	r := &request{script: script, keys: keys, args: args}
	for attempt := 1; ; attempt++ {
		c.send(ctx, []*request{r})
		reply, err = r.cmds[0].(*redis.Cmd).Slice()
		if !broken(err) {
			return reply, lost, err
		}
		lost = lost || !unsent(err)
		if attempt == maxAttempts || !c.g.sleep(ctx, retryBackoff(attempt)) {
			return nil, lost, err
		}
	}
}

// errReply is a reply of a script that it cannot give.
var errReply = errors.New("thrift: unexpected reply of a script")
