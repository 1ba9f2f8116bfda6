package upstash

import (
	"bufio"
	"context"
	"fmt"
	"strconv"

	"tollgate/fakes/upstash/engine"
	"tollgate/fakes/upstash/resp"
	"tollgate/fakes/upstash/rest"
)

// maxTransaction is how many bytes the replies of a transaction may have together:
// 512 MiB. They are held until it is done.
const maxTransaction = 512 << 20

// transaction runs the calls of a request together or not at all.
type transaction struct {
	backend
	who     *caller
	calls   []rest.Call
	failed  []func()           // of each, as of accounts.admit
	here    map[int]resp.Value // replies of the server's own
	cmds    [][][]byte         // MULTI, what is the engine's, EXEC
	scripts bool               // there may be some among cmds
	dropped string             // the engine's reason to run nothing
	replies *rest.Replies
}

// transact runs an atomic request. MULTI and EXEC around it are the server's own
// doing and not booked.
func (b backend) transact(ctx context.Context, p rest.Principal, calls []rest.Call, replies *rest.Replies) error {
	t := &transaction{backend: b, who: b.callerOf(p), calls: calls, replies: replies, here: map[int]resp.Value{}}
	cmds := make([][][]byte, len(calls))
	for i, call := range calls {
		cmds[i] = call.Args
	}
	failed, refusal := b.accounts.admitAll(t.who, cmds)
	if refusal != "" {
		return &rest.DiscardedError{Reply: refusal}
	}
	t.failed = failed
	t.sort(p)
	if len(t.here) == len(calls) {
		return t.exec(nil)
	}
	return t.run(ctx)
}

// sort answers what is the server's, and makes a list of the rest.
func (t *transaction) sort(p rest.Principal) {
	t.cmds = append(t.cmds, [][]byte{[]byte("MULTI")})
	for i, call := range t.calls {
		cmd := call.Command
		t.monitors.show(fromREST, call.Args...)
		if answersItself(cmd.Name) {
			t.here[i] = t.answerHere(p, cmd, call.Args)
			continue
		}
		t.cmds = append(t.cmds, call.Args)
		t.scripts = t.scripts || engine.RunsScript(cmd.Name)
	}
	t.cmds = append(t.cmds, [][]byte{[]byte("EXEC")})
}

func (t *transaction) run(ctx context.Context) error {
	conn, err := t.pool.get(ctx)
	if err != nil {
		return fmt.Errorf("upstash: no engine connection: %w", err)
	}
	told := t.runsScripts(conn, t.who, t.cmds, t.scripts)
	_, err = conn.do(ctx, t.cmds, t)
	t.giveBack(conn, err, told)
	switch {
	case err != nil:
		return fmt.Errorf("upstash: the engine does not answer: %w", err)
	case t.dropped != "":
		for i := range t.calls {
			t.fail(i)
		}
		return &rest.DiscardedError{Reply: t.dropped}
	}
	return nil
}

// A transaction takes all replies, as they belong together; see exec for how many.
func (t *transaction) full() bool     { return false }
func (t *transaction) relieve() error { return nil }

// take reads the engine's replies: those of queueing, and then EXEC's.
func (t *transaction) take(i int, r *bufio.Reader) error {
	first, err := r.Peek(1)
	if err != nil {
		return err
	}
	if i == len(t.cmds)-1 && resp.Kind(first[0]) == resp.Array {
		line, err := r.ReadString('\n')
		if err != nil {
			return err
		}
		count, err := strconv.Atoi(line[1 : len(line)-len("\r\n")])
		if want := len(t.cmds) - 2; err != nil || count != want {
			return fmt.Errorf("EXEC of %d commands is answered with %q", want, line)
		}
		return t.exec(r)
	}
	v, err := resp.ReadValue(r, engineReply)
	if err == nil && v.IsError() && t.dropped == "" {
		t.dropped = v.Text()
	}
	return err
}

// exec adds the reply to each call: those of the engine's are read one by one.
func (t *transaction) exec(r *bufio.Reader) error {
	for i := range t.calls {
		v, here := t.here[i]
		failed := v.IsError()
		if here {
			t.replies.Add(v)
		} else {
			var err error
			if failed, err = t.pass(r, t.replies); err != nil {
				return err
			}
		}
		if failed {
			t.fail(i)
		}
		if held := t.replies.Held(); held > maxTransaction {
			return fmt.Errorf("the replies of the transaction have more than %d bytes", int64(maxTransaction))
		}
	}
	return nil
}

func (t *transaction) fail(i int) {
	if t.failed[i] != nil {
		t.failed[i]()
	}
}
