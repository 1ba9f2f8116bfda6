package upstash

import (
	"cmp"
	"context"

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
		return b.authenticateUser(token)
	}
	p := rest.Principal{Component: cmp.Or(found.Component, defaultTokenComponent), User: DefaultUser, ReadOnly: found.ReadOnly}
	if found.ReadOnly {
		p.User = readOnlyUser
	}
	return p, true
}

// authenticateUser finds the user whose token ACL RESTTOKEN gave.
func (b backend) authenticateUser(token string) (rest.Principal, bool) {
	who := b.tokens.find(b.users, token)
	if who == nil {
		return rest.Principal{}, false
	}
	return rest.Principal{Component: who.Name, User: who.Name, ReadOnly: who.ReadOnly}, true
}

// Refused books a command that the handler turned away.
func (b backend) Refused(p rest.Principal, name string, unsupported bool) {
	b.accounts.refused(b.callerOf(p), name, unsupported)
}

// Do runs the calls of a request; see rest.Backend.
func (b backend) Do(ctx context.Context, p rest.Principal, calls []rest.Call, atomic bool, replies *rest.Replies) error {
	if err := b.accounts.throttle.await(ctx, len(calls)); err != nil {
		return err
	}
	if !b.spared(ctx, p, calls, replies) {
		return nil
	}
	if atomic {
		return b.transact(ctx, p, calls, replies)
	}
	return b.oneByOne(ctx, p, calls, replies)
}

// answerHere answers one of those that answersItself names.
func (b backend) answerHere(p rest.Principal, cmd commands.Command, args [][]byte) resp.Value {
	switch {
	case !cmd.Accepts(len(args)):
		return resp.Errorf("%s", commands.WrongArity(cmd.Name))
	case isACL(cmd.Name):
		return b.acl(p.User, cmd.Name, args)
	default:
		return b.serverCommand(cmd.Name, args)
	}
}

// callerOf is the caller of a request, whose commands all have come now.
func (b backend) callerOf(p rest.Principal) *caller {
	who := newCaller(b.ledger, ledger.TransportREST, p.Component, p.ReadOnly)
	who.at = b.clock.now()
	return who
}
