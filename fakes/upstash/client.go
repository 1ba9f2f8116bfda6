package upstash

import (
	"bytes"
	"cmp"
	"strings"

	"tollgate/fakes/upstash/ledger"
	"tollgate/fakes/upstash/resp"
)

// rename sets the client name, which is the connection's component from now on.
// It is false where Redis does not take such a name; an empty one takes the name
// away.
func (s *session) rename(name []byte) bool {
	if !validName(name) {
		return false
	}
	s.change(func(i *identity) { i.name = string(name) })
	s.settled = false
	s.nameCaller()
	if s.name != "" {
		s.settle()
	}
	return true
}

func validName(name []byte) bool {
	for _, c := range name {
		if c <= ' ' || c > '~' {
			return false
		}
	}
	return true
}

// nameCaller sets on whose account commands go: the client name's, else the
// user's.
func (s *session) nameCaller() {
	component := ledger.Unnamed
	if s.user != nil {
		component = s.user.Name
	}
	component = cmp.Or(s.name, component)
	component = strings.Clone(component[:min(len(component), maxComponent)])
	s.caller.component.Store(&component)
	if s.settled {
		s.accounts.ledger.ConnNamed(s.id, component)
	}
}

// settle tells the ledger whose the connection is. That is done when it gets a
// name, and otherwise with the first command that is not part of a handshake, so
// that connections which are about to get a name do not count for the user.
func (s *session) settle() {
	if !s.settled {
		s.settled = true
		s.accounts.ledger.ConnNamed(s.id, *s.caller.component.Load())
	}
}

// maxComponent bounds what a client name makes of the ledger's memory, in bytes.
const maxComponent = 256

func isClient(name string) bool { return strings.HasPrefix(name, "CLIENT ") }

// clientCommand answers the sub-commands of CLIENT.
func (s *session) clientCommand(name string, args [][]byte) resp.Value {
	switch name {
	case "CLIENT SETNAME":
		return resp.OK() // handle has set it
	case "CLIENT GETNAME":
		if s.name == "" {
			return resp.Nil()
		}
		return resp.Bulk(s.name)
	case "CLIENT ID":
		return resp.Int(int64(s.id))
	case "CLIENT SETINFO":
		return s.setInfo(args[2], args[3])
	case "CLIENT INFO":
		return resp.Bulk(s.describe())
	default: // CLIENT LIST
		return resp.Bulk(s.listSessions())
	}
}

func (s *session) setInfo(attribute, value []byte) resp.Value {
	switch {
	case !validName(value):
		return resp.Errorf("ERR %s cannot contain spaces, newlines or special characters.", bytes.ToLower(attribute))
	case bytes.EqualFold(attribute, []byte("LIB-NAME")):
		s.change(func(i *identity) { i.lib[0] = string(value) })
	case bytes.EqualFold(attribute, []byte("LIB-VER")):
		s.change(func(i *identity) { i.lib[1] = string(value) })
	default:
		return resp.Errorf("ERR Unrecognized option '%s'", attribute)
	}
	return resp.OK()
}
