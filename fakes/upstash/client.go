package upstash

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"tollgate/fakes/upstash/ledger"
	"tollgate/fakes/upstash/resp"
)

// identity is what a session says of itself. Its own goroutine changes it, by
// change; CLIENT LIST reads it from others.
type identity struct {
	user     *User     // nil before AUTH
	name     string    // CLIENT SETNAME's
	lib      [2]string // CLIENT SETINFO's LIB-NAME and LIB-VER
	protocol int
}

func (s *session) change(f func(*identity)) {
	s.identityMu.Lock()
	defer s.identityMu.Unlock()
	f(&s.identity)
}

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

// describe is the session's line in CLIENT LIST.
func (s *session) describe() string {
	s.identityMu.Lock()
	who := s.identity
	s.identityMu.Unlock()
	user := ""
	if who.user != nil {
		user = who.user.Name
	}
	return fmt.Sprintf("id=%d addr=%v laddr=%v name=%s age=%d db=0 user=%s lib-name=%s lib-ver=%s resp=%d\n",
		s.id, s.conn.RemoteAddr(), s.conn.LocalAddr(), who.name, int(time.Since(s.opened).Seconds()),
		user, who.lib[0], who.lib[1], who.protocol)
}

// listSessions is CLIENT LIST.
func (s *Server) listSessions() string {
	sessions := s.openSessions()
	slices.SortFunc(sessions, func(a, b *session) int { return cmp.Compare(a.id, b.id) })
	var list strings.Builder
	for _, session := range sessions {
		list.WriteString(session.describe())
	}
	return list.String()
}
