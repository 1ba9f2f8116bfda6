package upstash

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"tollgate/fakes/upstash/commands"
	"tollgate/fakes/upstash/ledger"
	"tollgate/fakes/upstash/resp"
	"tollgate/fakes/upstash/rest"
)

// defaultTokenComponent is the component of a token that names none.
const defaultTokenComponent = "rest"

// backend runs what comes in at the REST door.
type backend struct{ *Server }

var _ rest.Backend = backend{}

// Authenticate finds the token.
func (b backend) Authenticate(token string) (rest.Principal, bool) {
	found, ok := findToken(b.cfg.Tokens, token)
	if !ok {
		return rest.Principal{}, false
	}
	return rest.Principal{Component: cmp.Or(found.Component, defaultTokenComponent), ReadOnly: found.ReadOnly}, true
}

// Refused books a command that the handler turned away.
func (b backend) Refused(p rest.Principal, name string, unsupported bool) {
	b.accounts.refused(callerOf(p), name, unsupported)
}

// Do runs commands; see rest.Backend. MULTI and EXEC around an atomic call are
// the server's own doing and not booked.
func (b backend) Do(ctx context.Context, p rest.Principal, cmds [][][]byte, atomic bool) ([]resp.Value, error) {
	if err := pause(ctx, b.accounts.throttle.take(len(cmds))); err != nil {
		return nil, err
	}
	who := callerOf(p)
	replies := make([]resp.Value, len(cmds))
	failed, refusal := b.admitTransaction(who, cmds, atomic)
	if refusal != "" {
		return nil, &rest.DiscardedError{Reply: refusal}
	}
	var atEngine []int
	for i, args := range cmds {
		cmd, known := commands.Lookup(args)
		refusal := ""
		if !atomic {
			failed[i], refusal = b.accounts.admit(who, args, cmd, known)
		}
		if refusal == "" {
			b.monitors.show(fromREST, args...)
		}
		switch {
		case refusal != "":
			replies[i] = resp.Errorf("%s", refusal)
		case !answersItself(cmd.Name):
			atEngine = append(atEngine, i)
		case !cmd.Accepts(len(args)):
			replies[i] = resp.Errorf("%s", commands.WrongArity(cmd.Name))
		default:
			replies[i] = b.serverCommand(cmd.Name, args)
		}
	}
	err := b.run(ctx, who, cmds, atEngine, atomic, replies)
	tell(failed, replies, err)
	return replies, err
}

// tell calls failed for each command whose reply is an error, and for all if err
// is that none ran.
func tell(failed []func(), replies []resp.Value, err error) {
	discarded := (*rest.DiscardedError)(nil)
	none := errors.As(err, &discarded)
	for i, call := range failed {
		if call != nil && (none || replies[i].IsError()) {
			call()
		}
	}
}

// admitTransaction admits the commands of an atomic call; those of others are
// admitted one by one. There is a failed for each, as of accounts.admit.
func (b backend) admitTransaction(who *caller, cmds [][][]byte, atomic bool) (failed []func(), refusal string) {
	if !atomic {
		return make([]func(), len(cmds)), ""
	}
	return b.accounts.admitAll(who, cmds)
}

// run has the engine answer the commands of the given indices.
func (b backend) run(ctx context.Context, who *caller, cmds [][][]byte, indices []int, atomic bool, replies []resp.Value) error {
	if len(indices) == 0 {
		return nil
	}
	var batch [][][]byte
	for _, i := range indices {
		batch = append(batch, cmds[i])
	}
	answers, err := b.atEngine(ctx, who, batch, atomic)
	if err != nil {
		return err
	}
	for at, i := range indices {
		replies[i] = b.within(asUpstash(answers[at]))
	}
	return nil
}

func (b backend) atEngine(ctx context.Context, who *caller, cmds [][][]byte, atomic bool) (answers []resp.Value, err error) {
	conn, err := b.pool.get(ctx)
	if err != nil {
		return nil, fmt.Errorf("upstash: no engine connection: %w", err)
	}
	b.accounts.attach(conn.id, who)
	if atomic {
		cmds = append(append([][][]byte{{[]byte("MULTI")}}, cmds...), [][]byte{[]byte("EXEC")})
	}
	answers, err = conn.do(ctx, cmds)
	if err != nil {
		b.accounts.detach(conn.id)
	}
	b.pool.put(conn, err)
	if err != nil {
		return nil, fmt.Errorf("upstash: the engine does not answer: %w", err)
	}
	if atomic {
		return transactionReplies(answers)
	}
	return answers, nil
}

// transactionReplies takes EXEC's reply apart; the rest are MULTI's and those of
// queueing. A transaction that was not run says why by its first error.
func transactionReplies(answers []resp.Value) ([]resp.Value, error) {
	queued, exec := answers[1:len(answers)-1], answers[len(answers)-1]
	for _, v := range answers {
		if v.IsError() {
			return nil, &rest.DiscardedError{Reply: v.Text()}
		}
	}
	if len(exec.Array) != len(queued) {
		return nil, fmt.Errorf("upstash: the engine answered EXEC of %d commands with %v", len(queued), exec)
	}
	return exec.Array, nil
}

func callerOf(p rest.Principal) *caller {
	return newCaller(ledger.TransportREST, p.Component, p.ReadOnly)
}
