package upstash

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"tollgate/fakes/upstash/admin"
	"tollgate/fakes/upstash/faults"
	"tollgate/fakes/upstash/resp"
	"tollgate/fakes/upstash/rest"
)

// The doors, as StartError names them.
const (
	doorRESP  = "RESP"
	doorTLS   = "TLS"
	doorREST  = "REST"
	doorAdmin = "admin"
)

// Bounds of what a client of a door may take.
const (
	headerTimeout = 10 * time.Second      // for the head of an HTTP request, and for a TLS handshake
	bodyTimeout   = time.Minute           // for an HTTP request, and again for its answer
	idleTimeout   = 5 * time.Minute       // of an HTTP connection between requests
	acceptPause   = 50 * time.Millisecond // after a connection that could not be accepted
	refuseTimeout = time.Second           // for telling a client that there are too many
	webGrace      = time.Second           // for HTTP requests under way when the server closes
)

// open listens at each door that has an address, then serves them all.
func (s *Server) open(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("upstash: not started in time: %w", err)
	}
	doors := []struct{ name, addr string }{
		{doorRESP, s.cfg.RESPAddr},
		{doorTLS, s.cfg.TLSAddr},
		{doorREST, s.cfg.RESTAddr},
		{doorAdmin, s.cfg.AdminAddr},
	}
	for _, door := range doors {
		if door.addr == "" {
			continue
		}
		l, err := s.cfg.Network.Listen(ctx, "tcp", door.addr)
		if err != nil {
			return &StartError{Door: door.name, Addr: door.addr, Err: err}
		}
		s.listeners[door.name] = l
	}
	return s.serve()
}

func (s *Server) serve() error {
	if l := s.listeners[doorRESP]; l != nil {
		l := s.faults.Hooks().Listen(l, faults.DoorRESP)
		s.wg.Go(func() { s.accept(l) })
	}
	if l := s.listeners[doorTLS]; l != nil {
		cert, roots, err := selfSigned(time.Now())
		if err != nil {
			return &StartError{Door: doorTLS, Addr: s.cfg.TLSAddr, Err: err}
		}
		s.roots = roots
		cfg := &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12}
		l := s.faults.Hooks().Listen(l, faults.DoorTLS)
		s.wg.Go(func() { s.accept(tls.NewListener(l, cfg)) })
	}
	if l := s.listeners[doorREST]; l != nil {
		handler := rest.NewHandler(backend{s}, rest.Config{MaxRequestBytes: s.cfg.Plan.MaxRequestBytes, Logger: s.log})
		hooks := s.faults.Hooks()
		s.serveWeb(webListener{hooks.ListenWeb(l)}, hooks.Web(handler), s.countHTTP)
	}
	if l := s.listeners[doorAdmin]; l != nil {
		mux := http.NewServeMux()
		mux.Handle("/", admin.NewHandler(s.ledger, s.cfg.Plan))
		mux.Handle("/faults", s.faults.Handler())
		mux.Handle("/faults/", s.faults.Handler())
		s.serveWeb(l, admin.Guard(mux, s.cfg.AdminAddr), nil)
	}
	return nil
}

// accept takes TCP connections until its listener is closed.
func (s *Server) accept(l net.Listener) {
	for {
		conn, err := l.Accept()
		if err == nil {
			s.wg.Go(func() { s.admitConn(conn) })
			continue
		}
		if errors.Is(err, net.ErrClosed) {
			return
		}
		s.log.Error("upstash: a connection could not be accepted", "address", l.Addr().String(), "error", err)
		select { // such as for want of file descriptors: there may be some later
		case <-time.After(acceptPause):
		case <-s.ctx.Done():
			return
		}
	}
}

// abort closes a connection without a word, even where TLS would say goodbye.
func abort(conn net.Conn) {
	if active, ok := conn.(*activeConn); ok {
		conn = active.Conn
	}
	if wire := faults.ConnOf(conn); wire != nil {
		wire.Abort()
		return
	}
	conn.Close()
}

// admitConn serves a connection if the plan has room for it.
func (s *Server) admitConn(conn net.Conn) {
	session, refusal := s.register(conn)
	if session == nil {
		s.turnAway(conn, refusal)
		return
	}
	defer s.unregister(session)
	if err := handshake(s.ctx, conn); err != nil {
		s.log.Debug("upstash: TLS handshake failed", "client", conn.RemoteAddr().String(), "error", err)
		conn.Close()
		return
	}
	if err := session.serve(); err != nil && !left(err) {
		s.log.Debug("upstash: connection ended", "client", conn.RemoteAddr().String(), "error", err)
	}
}

// turnAway closes a connection, after telling its client why if there is a text.
func (s *Server) turnAway(conn net.Conn, text string) {
	if text == "" {
		faults.ConnOf(conn).Reset()
		return
	}
	_ = conn.SetDeadline(time.Now().Add(refuseTimeout))
	_, _ = conn.Write(resp.AppendError(nil, text)) // it is told, if it listens
	conn.Close()
}

func handshake(ctx context.Context, conn net.Conn) error {
	secure, ok := conn.(*tls.Conn)
	if !ok {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, headerTimeout)
	defer cancel()
	return secure.HandshakeContext(ctx)
}

// register counts a connection in. Without a session there is no room, or the
// server is closed.
func (s *Server) register(conn net.Conn) (ses *session, refusal string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, ""
	}
	wire := faults.ConnOf(conn)
	if text, refused := s.faults.Hooks().Refuses(wire.Door()); refused {
		s.ledger.ConnRefused("")
		return nil, text
	}
	if len(s.sessions) >= s.cfg.Plan.MaxConnections {
		s.ledger.ConnRefused("")
		return nil, textMaxConns
	}
	s.lastID++
	ses = s.newSession(s.lastID, conn)
	ses.caller.wire = wire
	wire.Own(func() string { return *ses.caller.component.Load() })
	s.sessions[ses.id] = ses
	s.ledger.ConnOpened(ses.id)
	return ses, ""
}

func (s *Server) unregister(ses *session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.sessions, ses.id)
	s.ledger.ConnClosed(ses.id)
}

func (s *Server) openSessions() []*session {
	s.mu.Lock()
	defer s.mu.Unlock()
	sessions := make([]*session, 0, len(s.sessions))
	for _, ses := range s.sessions {
		sessions = append(sessions, ses)
	}
	return sessions
}

func (s *Server) serveWeb(l net.Listener, handler http.Handler, count func(net.Conn, http.ConnState)) {
	web := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       bodyTimeout,
		WriteTimeout:      bodyTimeout,
		IdleTimeout:       idleTimeout,
		ConnState:         count,
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}
	s.web = append(s.web, web)
	s.wg.Go(func() {
		if err := web.Serve(l); !errors.Is(err, http.ErrServerClosed) && !errors.Is(err, net.ErrClosed) {
			s.log.Error("upstash: a door stopped listening", "address", l.Addr().String(), "error", err)
		}
	})
}

func (s *Server) countHTTP(conn net.Conn, state http.ConnState) {
	if state == http.StateActive || state == http.StateIdle {
		return // twice a request
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	_, open := s.webConns[conn]
	switch {
	case state == http.StateNew:
		s.webConns[conn] = struct{}{}
		s.ledger.RESTConnOpened()
	case open: // or dropWeb has counted it out
		delete(s.webConns, conn)
		s.ledger.RESTConnClosed()
	}
}

// dropWeb closes every connection of the REST door.
func (s *Server) dropWeb() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for conn := range s.webConns {
		conn.Close()
		s.ledger.RESTConnClosed()
	}
	clear(s.webConns)
}

func (s *Server) closeWeb() {
	ctx, cancel := context.WithTimeout(context.Background(), webGrace)
	defer cancel()
	for _, web := range s.web {
		if err := web.Shutdown(ctx); err != nil && !errors.Is(err, net.ErrClosed) { // its listener may be closed already
			s.log.Warn("upstash: HTTP requests were cut off", "error", errors.Join(err, web.Close()))
		}
	}
}
