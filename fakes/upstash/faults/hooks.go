package faults

import (
	"fmt"
	"net"
)

// Texts of replies that faults make up. LOADING is Redis's, READONLY Upstash's
// while it upgrades a server.
const (
	textLoading  = "LOADING Redis is loading the dataset in memory"
	textReadOnly = "READONLY Writes are temporarily rejected due to server upgrade"
)

// Hooks are where a server asks its faults. All are safe for concurrent use.
type Hooks struct{ r *Registry }

// Hooks are the registry's.
func (r *Registry) Hooks() Hooks { return Hooks{r} }

// Active says whether any fault is on. It costs one atomic load; while it is
// false the server need not ask the others.
func (h Hooks) Active() bool { return h.r.active.Load() != nil }

// Command is a command that a client sent.
type Command struct {
	// Name is upper-case, with the sub-command.
	Name string
	// Write is set if it may change data.
	Write bool
	// Handshake is set if it only sets up a connection.
	Handshake bool
	// Component and Transport are as in the ledger.
	Component, Transport string
	// Conn is where it came in; nil over REST.
	Conn *Conn
}

// Reply is the error that a command is answered with instead of being run; ""
// means that it may run.
func (h Hooks) Reply(c Command) (text string) {
	door := DoorREST
	if c.Conn != nil {
		door = c.Conn.door
		if !c.Handshake {
			c.Conn.identify(c.Component)
		}
	}
	for _, a := range h.r.current() {
		if traits[a.Kind].levels&onCommand == 0 || (a.Kind == ReadOnly && !c.Write) ||
			!a.selects(c.Component, c.Transport, door) || !names(a.Command, c.Name) {
			continue
		}
		what := func() string { return fmt.Sprintf("%s of %s over %s", c.Name, c.Component, c.Transport) }
		if a.hit(what) {
			return a.reply()
		}
	}
	return ""
}

func (a *active) reply() string {
	switch a.Kind {
	case Loading:
		return textLoading
	case ReadOnly:
		return textReadOnly
	}
	return a.Text
}

// QuotaSpent says whether the month counts as spent.
func (h Hooks) QuotaSpent() bool {
	for _, a := range h.r.current() {
		if a.Kind == QuotaSpent && a.hit(func() string { return "a billed command" }) {
			return true
		}
	}
	return false
}

// Refuses says whether a new connection at a door is turned away, and what its
// client is told: "" means nothing.
func (h Hooks) Refuses(door string) (text string, refused bool) {
	transport := TransportTCP
	if door == DoorREST {
		transport = TransportREST
	}
	for _, a := range h.r.current() {
		switch {
		case a.Kind == Failover && a.isDown():
			return "", true
		case a.Kind == Refuse && a.selects("", transport, door) &&
			a.hit(func() string { return "a new connection at " + door }):
			return a.Text, true
		}
	}
	return "", false
}

// Listen has faults act on the connections that l accepts at a RESP door; each is
// a Conn.
func (h Hooks) Listen(l net.Listener, door string) net.Listener {
	return &listener{Listener: l, registry: h.r, door: door}
}

type listener struct {
	net.Listener
	registry *Registry
	door     string
}

func (l *listener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return l.registry.wrap(conn, l.door), nil
}

// ListenWeb cuts off those connections that l accepts at the REST door and faults
// refuse.
func (h Hooks) ListenWeb(l net.Listener) net.Listener {
	return &gate{Listener: l, hooks: h}
}

type gate struct {
	net.Listener
	hooks Hooks
}

func (g *gate) Accept() (net.Conn, error) {
	for {
		conn, err := g.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if _, refused := g.hooks.Refuses(DoorREST); !refused {
			return conn, nil
		}
		cutOff(conn)
	}
}

// cutOff closes a connection; over real TCP the client sees a reset.
func cutOff(conn net.Conn) {
	if tcp, ok := conn.(interface{ SetLinger(seconds int) error }); ok { // also one with something around it
		_ = tcp.SetLinger(0) // or it is closed without a reset
	}
	conn.Close()
}
