package upstash

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"tollgate/fakes/upstash/engine"
	"tollgate/fakes/upstash/resp"
)

// lanes are the lanes of a server, one for each protocol, opened when needed.
type lanes struct {
	dial    func(protocol int) (conn net.Conn, timeout time.Duration, err error)
	spawn   func(func())
	log     func(error) // hears why a lane ended
	opening singleflight.Group

	mu     sync.Mutex
	closed bool
	open   map[int]*lane
}

// join lets a client use the lane of a protocol. Of several that wait for one to be
// opened all hear how that ended.
func (l *lanes) join(client *link, protocol int) (route, error) {
	if r, ok := l.joinOpen(client, protocol); ok {
		return r, nil
	}
	_, err, _ := l.opening.Do(strconv.Itoa(protocol), func() (any, error) { return nil, l.openLane(protocol) })
	if err != nil {
		return nil, err
	}
	r, ok := l.joinOpen(client, protocol)
	if !ok {
		return nil, errLaneClosed
	}
	return r, nil
}

func (l *lanes) joinOpen(client *link, protocol int) (r route, ok bool) {
	l.mu.Lock()
	at := l.open[protocol]
	l.mu.Unlock()
	if at == nil {
		return nil, false
	}
	r, err := at.join(client)
	return r, err == nil
}

func (l *lanes) openLane(protocol int) error {
	conn, timeout, err := l.dial(protocol)
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return errors.Join(ErrClosed, conn.Close())
	}
	l.open[protocol] = newLane(conn, timeout, l.spawn, l.log)
	return nil
}

// close ends all lanes.
func (l *lanes) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	for _, lane := range l.open {
		lane.close()
	}
}

// dialLane opens a connection to the engine that speaks a protocol, and says how
// long the engine may take for a reply.
func (s *Server) dialLane(protocol int) (conn net.Conn, timeout time.Duration, err error) {
	ctx, cancel := context.WithTimeout(s.ctx, laneTimeout)
	defer cancel()
	dial, timeout := s.engine.Dial, engineTimeout
	if eager, ok := s.engine.(engine.EagerDialer); ok {
		dial, timeout = eager.DialEager, 0 // in this process: it answers as soon as it can
	}
	if conn, err = dial(ctx); err != nil {
		return nil, 0, fmt.Errorf("upstash: dial the engine: %w", err)
	}
	if protocol == 2 {
		return conn, timeout, nil
	}
	if err := greetEngine(conn, protocol); err != nil {
		return nil, 0, errors.Join(fmt.Errorf("upstash: the engine does not speak RESP%d: %w", protocol, err), conn.Close())
	}
	return conn, timeout, nil
}

func greetEngine(conn net.Conn, protocol int) error {
	if err := conn.SetDeadline(time.Now().Add(laneTimeout)); err != nil {
		return err
	}
	if _, err := conn.Write(helloTo(protocol)); err != nil {
		return err
	}
	reply, err := resp.ReadValue(bufio.NewReader(conn), engineReply) // nothing follows it
	if err != nil {
		return err
	}
	if reply.IsError() {
		return errors.New(reply.Text())
	}
	return conn.SetDeadline(time.Time{})
}

// helloTo is the command that makes the engine speak a protocol.
func helloTo(protocol int) []byte {
	return resp.AppendCommand(nil, []byte("HELLO"), strconv.AppendInt(nil, int64(protocol), 10))
}

// useRoute sees to it that commands go to the engine by some route, or by one of the
// client's own.
func (s *session) useRoute(own bool) (err error) {
	switch {
	case own:
		return s.useOwn()
	case s.link.route == nil || s.link.route.broken() && !s.link.owes():
		s.link.route, err = s.lanes.join(s.link, s.protocol)
	}
	return err
}

// useOwn sees to it that commands go to the engine by a connection of the client's
// own. From then on all do.
func (s *session) useOwn() error {
	if s.hasOwn() {
		return nil
	}
	if err := s.leaveRoute(); err != nil {
		return err
	}
	conn, id, err := s.dialEngine(s.ctx)
	if err != nil {
		return fmt.Errorf("upstash: dial the engine: %w", err)
	}
	s.accounts.attach(id, s.caller)
	own := newOwnRoute(s.link, conn, func() { s.accounts.detach(id) })
	s.link.route, s.engineID = own, id
	s.wg.Go(func() {
		if err := own.pump(); errors.Is(err, errUnasked) {
			s.log.Error("upstash: engine and server are out of step", "error", err)
		}
	})
	if s.protocol == 2 {
		return nil
	}
	return s.greet()
}

func (s *session) hasOwn() bool {
	_, own := s.link.route.(*ownRoute)
	return own
}

// greet tells a connection of the client's own which protocol the client speaks.
func (s *session) greet() error {
	return s.link.forward(helloTo(s.protocol), debt{kind: owedNobody, protocol: s.protocol})
}

// leaveRoute waits for all replies that are owed and gives the route up.
func (s *session) leaveRoute() error {
	if s.link.route == nil {
		return nil
	}
	err := s.link.quiesce()
	s.link.route.leave()
	s.link.route = nil
	return err
}
