package upstash

import (
	"bufio"
	"context"
	"fmt"
	"sync"

	"tollgate/fakes/upstash/commands"
	"tollgate/fakes/upstash/engine"
	"tollgate/fakes/upstash/resp"
	"tollgate/fakes/upstash/rest"
)

// batch runs the calls of a request that do not run together. Those of the
// engine's are sent several at a time, and between times the engine's connection
// is free for others.
type batch struct {
	backend
	ctx     context.Context //nolint:containedctx // the request's
	who     *caller
	caller  rest.Principal
	replies *rest.Replies

	cmds    [][][]byte // for the engine
	failed  []func()   // of each, as of accounts.admit
	done    int        // of cmds
	scripts bool       // there may be some among cmds
	waits   waits
}

// maxHeld is how many bytes of replies are held at most before some are sent while
// the engine's connection is kept: 16 MiB. That happens only over a network, to
// replies that are large all of a sudden.
const maxHeld = 16 << 20

// batches are batches to be used again.
var batches = sync.Pool{New: func() any { return new(batch) }}

// oneByOne runs the calls of a request that do not run together.
func (b backend) oneByOne(ctx context.Context, p rest.Principal, calls []rest.Call, replies *rest.Replies) error {
	x := batches.Get().(*batch)
	x.backend, x.ctx, x.caller, x.who, x.replies = b, ctx, p, b.callerOf(p), replies
	err := x.run(calls)
	clear(x.cmds)
	clear(x.failed)
	*x = batch{cmds: x.cmds[:0], failed: x.failed[:0]}
	batches.Put(x)
	return err
}

func (b *batch) run(calls []rest.Call) error {
	for i := range calls {
		reply, here := b.admit(&calls[i])
		if !here {
			continue
		}
		if err := b.flush(); err != nil { // what came before it
			return err
		}
		b.replies.Add(reply)
	}
	return b.flush()
}

// admit books a call. It answers it here, or adds it to those to be sent.
func (b *batch) admit(call *rest.Call) (reply resp.Value, here bool) {
	if call.Refusal != "" {
		return resp.Errorf("%s", call.Refusal), true
	}
	cmd := call.Command
	failed, refusal := b.accounts.admit(b.who, call.Args, cmd, true)
	if refusal != "" {
		return resp.Errorf("%s", refusal), true
	}
	b.monitors.show(fromREST, call.Args...)
	if answersItself(cmd.Name) {
		reply = b.answerHere(b.caller, cmd, call.Args)
		if reply.IsError() && failed != nil {
			failed()
		}
		return reply, true
	}
	b.cmds = append(b.cmds, b.waits.bound(cmd, call.Args))
	b.failed = append(b.failed, failed)
	b.scripts = b.scripts || engine.RunsScript(cmd.Name)
	return resp.Value{}, false
}

// flush has the engine answer what there is for it.
func (b *batch) flush() error {
	b.who.tab.Settle()
	for b.done < len(b.cmds) {
		if err := b.some(); err != nil {
			return err
		}
		if b.full() {
			if err := b.replies.Drain(); err != nil {
				return err
			}
		}
	}
	clear(b.cmds)
	clear(b.failed)
	b.cmds, b.failed, b.done, b.scripts = b.cmds[:0], b.failed[:0], 0, false
	return nil
}

// some has the engine answer until replies are full.
func (b *batch) some() error {
	conn, err := b.pool.get(b.ctx)
	if err != nil {
		return fmt.Errorf("upstash: no engine connection: %w", err)
	}
	cmds := b.cmds[b.done:]
	told := b.runsScripts(conn, b.who, cmds, b.scripts)
	n, err := conn.do(b.ctx, cmds, b)
	b.giveBack(conn, err, told)
	if err != nil {
		return fmt.Errorf("upstash: the engine does not answer: %w", err)
	}
	b.done += n
	return nil
}

// take reads the reply to the i-th of what is under way; see replyTaker.
func (b *batch) take(i int, r *bufio.Reader) error {
	failed, err := b.pass(r, b.replies)
	if f := b.failed[b.done+i]; failed && f != nil {
		f()
	}
	return err
}

func (b *batch) full() bool { return b.replies.Full() }

func (b *batch) relieve() error {
	if b.replies.Held() < maxHeld {
		return nil
	}
	return b.replies.Drain()
}

// pass reads a reply of the engine's and adds what the client gets to hear. It
// says whether that is an error.
func (b backend) pass(r *bufio.Reader, replies *rest.Replies) (failed bool, err error) {
	first, err := r.Peek(1)
	if err != nil {
		return false, err
	}
	if resp.Kind(first[0]) == resp.Error {
		v, err := resp.ReadValue(r, engineReply)
		if err == nil {
			replies.Add(asUpstash(v))
		}
		return true, err
	}
	limit := b.cfg.Plan.MaxRequestBytes
	size, err := replies.Read(r, engineReply, limit)
	if err == nil && size > limit {
		replies.Add(resp.Errorf("%s", commands.RequestTooLarge(limit, size)))
		failed = true
	}
	return failed, err
}

// runsScripts is called before commands are sent that may run scripts. What it
// returns waits until all is booked that the scripts called.
func (b backend) runsScripts(conn *engineConn, who *caller, cmds [][][]byte, may bool) (told func()) {
	if !may {
		return nil
	}
	b.accounts.attach(conn.id, who)
	conn.attached = true
	return b.watchScripts(conn.id, cmds)
}

// giveBack gives a connection back.
func (b backend) giveBack(conn *engineConn, err error, told func()) {
	switch {
	case err == nil && told != nil:
		told()
	case err != nil && conn.attached:
		b.accounts.detach(conn.id)
	}
	b.pool.put(conn, err)
}
