package rest

import (
	"bufio"
	"context"
	"net/http"
	"slices"
	"strconv"

	"tollgate/fakes/upstash/commands"
)

// idleBytes is how much memory a buffer may keep between exchanges, in bytes; idleWords likewise, in words.
const (
	idleBytes = 64 << 10
	idleWords = 4 << 10
)

// exchange is one request and its answer. It is used again for others.
type exchange struct {
	h         *handler
	r         *http.Request
	ctx       context.Context //nolint:containedctx // the request's
	principal Principal
	encoder
	sender

	body     []byte
	words    words
	admitted int    // of the commands: these are, or were, in calls
	calls    []Call // those under way
	writes   int    // of the calls before
	replies  Replies
	sent     int    // of the replies
	events   Events // a stream in place of an answer
}

func (h *handler) begin(w http.ResponseWriter, r *http.Request) *exchange {
	x, ok := h.idle.Get().(*exchange)
	if !ok {
		x = &exchange{h: h}
		x.in = bufio.NewReader(&x.replies.held)
		x.out = &x.sender
		x.token = x.syncToken
		x.replies.drain = x.drain
	}
	x.r, x.ctx = r, r.Context()
	x.w, x.bodiless = w, r.Method == http.MethodHead
	x.status, x.kind = http.StatusOK, typeJSON
	return x
}

// end keeps the exchange for another request.
func (x *exchange) end() {
	if cap(x.body) > idleBytes {
		x.body = nil
	}
	if cap(x.buf) > idleBytes {
		x.buf = nil
	}
	x.forget()
	x.replies.held.Reset()
	x.replies.count, x.replies.failed = 0, x.replies.failed[:0]
	x.r, x.ctx, x.w, x.events = nil, nil, nil, nil
	x.principal, x.encoding = Principal{}, encoding{}
	x.started, x.lost, x.sent, x.buf = false, nil, 0, x.buf[:0]
	x.h.idle.Put(x)
}

// forget lets go of the commands, and of what they hold of the body.
func (x *exchange) forget() {
	clear(x.calls[:min(x.admitted, cap(x.calls))])
	x.calls, x.admitted, x.writes = x.calls[:0], 0, 0
	if cap(x.calls) > windowCalls {
		x.calls = nil // of a transaction
	}
	clear(x.words.all)
	clear(x.words.cmds)
	x.words.all, x.words.cmds = x.words.all[:0], x.words.cmds[:0]
	if cap(x.words.all) > idleWords {
		x.words = words{}
	}
}

// fail answers with an error. Where a part of an answer is sent already, it breaks the answer off.
func (x *exchange) fail(status int, text string) {
	if x.started {
		panic(http.ErrAbortHandler)
	}
	writes := x.writes // of a pipeline, before the trouble
	x.forget()
	x.writes, x.status, x.kind = writes, status, typeJSON
	x.buf = appendError(x.buf[:0], []byte(text))
}

func (x *exchange) badRequest(err error) { x.fail(http.StatusBadRequest, err.Error()) }

// engineFailed answers for an engine that does not.
func (x *exchange) engineFailed(err error) {
	if x.lost != nil {
		x.h.log.DebugContext(x.ctx, "rest: the client left before its answer", "error", err)
		panic(http.ErrAbortHandler)
	}
	x.h.log.ErrorContext(x.ctx, "rest: the engine failed", "component", x.principal.Component, "error", err)
	x.fail(http.StatusInternalServerError, "ERR the engine behind this server failed: "+err.Error())
}

// drain writes what replies there are, as the items of an array if the answer is one.
func (x *exchange) drain() error {
	if x.resp2 {
		for x.replies.held.Len() > 0 {
			x.buf = slices.Grow(x.buf, idleBytes-len(x.buf))
			n, err := x.replies.held.Read(x.buf[len(x.buf):cap(x.buf)])
			x.buf = x.buf[:len(x.buf)+n]
			if err == nil {
				err = x.room()
			}
			if err != nil {
				return err
			}
		}
		return nil
	}
	x.in.Reset(&x.replies.held)
	for ; x.sent < x.replies.count; x.sent++ {
		if x.sent > 0 {
			x.buf = append(x.buf, ',')
		}
		if err := x.outcome(); err != nil {
			return err
		}
	}
	return nil
}

// settle counts the writes among the calls, which have all been answered, and makes room for further calls.
func (x *exchange) settle() {
	x.writes += x.written()
	x.calls, x.replies.failed = x.calls[:0], x.replies.failed[:0]
}

// written is how many of the calls write, but for those that are known to have failed.
func (x *exchange) written() (n int) {
	first := x.admitted - len(x.calls)
	failed := x.replies.failed
	for i, call := range x.calls {
		switch {
		case len(failed) > 0 && failed[0] == first+i:
			failed = failed[1:]
		case call.Command.Write && call.Refusal == "":
			n++
		}
	}
	return n
}

// syncToken moves the token on by the writes of the request, those included that are yet to come. The first token is
// 1, so it is never empty or zero.
func (x *exchange) syncToken() string {
	writes := x.writes + x.written()
	for _, args := range x.words.cmds[x.admitted:] {
		if cmd, ok := commands.Lookup(args); ok && cmd.Write {
			writes++
		}
	}
	return strconv.FormatUint(x.h.writes.Add(uint64(writes))+1, 32)
}

// finish sends the answer, or its rest.
func (x *exchange) finish() {
	if err := x.sender.finish(); err != nil {
		x.h.log.DebugContext(x.ctx, "rest: the client left before its answer", "error", err)
	}
}
