package upstash

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"tollgate/fakes/upstash/engine"
	"tollgate/fakes/upstash/faults"
	"tollgate/fakes/upstash/ledger"
)

// closeTimeout bounds Close.
const closeTimeout = 5 * time.Second

// Server is a running fake. Make one with Start; its methods are safe for
// concurrent use.
type Server struct {
	cfg      Config
	log      *slog.Logger
	ledger   *ledger.Ledger
	accounts *accounts
	clock    *clock
	faults   *faults.Registry
	users    users
	tokens   userTokens
	pool     *pool
	lanes    lanes
	monitors monitors
	roots    *x509.CertPool
	started  time.Time
	engine   engine.Engine
	own      bool                 // the engine is the server's to close
	watcher  engine.ScriptWatcher // the engine, if it has to be told of scripts; or nil

	ctx  context.Context //nolint:containedctx // ends with Close
	stop context.CancelFunc
	wg   sync.WaitGroup // every goroutine

	listeners map[string]net.Listener // by door
	web       []*http.Server
	webConns  map[net.Conn]struct{} // of the REST door; under mu

	mu       sync.Mutex
	closed   bool
	lastID   uint64
	sessions map[uint64]*session
}

// Start opens the doors of cfg and serves them until Close. A door that cannot
// be opened is a *StartError. ctx bounds the start only.
func Start(ctx context.Context, cfg Config) (*Server, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	cfg = cfg.withDefaults()
	own := cfg.Engine == nil
	if own {
		embedded, err := engine.NewEmbedded()
		if err != nil {
			return nil, fmt.Errorf("upstash: start the embedded engine: %w", err)
		}
		embedded.SetLog(cfg.Logger)
		cfg.Engine = embedded
	}
	now := &clock{}
	book := ledger.New(ledger.Config{Capacity: cfg.LedgerCapacity, Clock: now.now})
	s := &Server{
		cfg:       cfg,
		log:       cfg.Logger,
		ledger:    book,
		accounts:  newAccounts(cfg, book),
		clock:     now,
		users:     cfg.Users,
		started:   time.Now(),
		engine:    cfg.Engine,
		own:       own,
		listeners: map[string]net.Listener{},
		sessions:  map[uint64]*session{},
		webConns:  map[net.Conn]struct{}{},
	}
	s.openFaults()
	s.pool = newPool(s.openEngine)
	s.lanes = lanes{dial: s.dialLane, spawn: s.wg.Go, log: s.laneEnded, open: map[int]*lane{}}
	s.ctx, s.stop = context.WithCancel(context.WithoutCancel(ctx))
	s.accounts.capacity, s.tokens = newCapacity(ctx, s.ctx, cfg), newUserTokens()
	s.engine.OnInner(s.inner)
	if watcher, ok := s.engine.(engine.ScriptWatcher); ok {
		s.watcher = watcher
		watcher.OnGap(s.gap)
	}
	if err := s.open(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// RESPAddr is where the RESP door listens, as "host:port"; "" if it is shut.
func (s *Server) RESPAddr() string { return s.address(doorRESP) }

// TLSAddr is where the RESP door with TLS listens; "" if it is shut. RootCAs
// gives whom to trust there.
func (s *Server) TLSAddr() string { return s.address(doorTLS) }

// RESTURL is the base of the REST API, as "http://host:port"; "" if it is shut.
func (s *Server) RESTURL() string { return s.url(doorREST) }

// AdminURL is the base of the admin API; "" if it is shut.
func (s *Server) AdminURL() string { return s.url(doorAdmin) }

// RootCAs trusts the certificate of the TLS door, which is made at the start for
// 127.0.0.1, ::1 and localhost. It is nil if that door is shut.
func (s *Server) RootCAs() *x509.CertPool { return s.roots }

// Ledger is the account.
func (s *Server) Ledger() *ledger.Ledger { return s.ledger }

// Faults are what goes wrong on purpose; none at first.
func (s *Server) Faults() *faults.Registry { return s.faults }

// DropConnections closes every TCP connection, as a failover does. When it returns,
// the ledger counts them as closed. Clients may come back at once.
func (s *Server) DropConnections() {
	for _, session := range s.openSessions() {
		abort(session.conn)
		s.unregister(session)
	}
}

// Close shuts all doors, ends all connections and waits for them, and for the
// engine if it is the server's own: about 5 seconds at most each. Closing again
// does nothing.
func (s *Server) Close() error {
	s.mu.Lock()
	again := s.closed
	s.closed = true
	s.mu.Unlock()
	if again {
		return nil
	}
	s.stop()
	for _, l := range s.listeners {
		l.Close()
	}
	s.DropConnections()
	s.faults.Close()
	s.closeWeb()
	s.pool.close()
	s.lanes.close()

	var errs []error
	if s.own {
		errs = append(errs, s.engine.Close())
	} else {
		s.engine.OnInner(func(uint64, string, string, []string) {})
		if s.watcher != nil {
			s.watcher.OnGap(func(error) {})
		}
	}
	done := make(chan struct{})
	go func() {
		s.wg.Wait()
		close(done)
	}()
	timeout := time.NewTimer(closeTimeout)
	defer timeout.Stop()
	select {
	case <-done:
	case <-timeout.C:
		errs = append(errs, fmt.Errorf("upstash: connections did not end within %v", closeTimeout))
	}
	return errors.Join(errs...)
}

func (s *Server) address(door string) string {
	if l := s.listeners[door]; l != nil {
		return l.Addr().String()
	}
	return ""
}

func (s *Server) url(door string) string {
	if address := s.address(door); address != "" {
		return "http://" + address
	}
	return ""
}

// inner books and shows a command that a script called.
func (s *Server) inner(conn uint64, script, name string, args []string) {
	s.accounts.inner(conn, script, name, args)
	s.accounts.capacity.inner(name, args)
	s.monitors.showInner(name, args)
}

// laneEnded hears why a lane ended.
func (s *Server) laneEnded(err error) {
	if s.ctx.Err() == nil {
		s.log.Warn("upstash: a connection to the engine ended; clients that were owed replies on it are cut off", "error", err)
	}
}

// dialEngine opens a connection to the engine and says its ID.
func (s *Server) dialEngine(ctx context.Context) (net.Conn, uint64, error) {
	conn, err := s.engine.Dial(ctx)
	if err != nil {
		return nil, 0, err
	}
	named, ok := conn.(engine.Conn)
	if !ok {
		return nil, 0, errors.Join(fmt.Errorf("the engine dialled a %T, which is not an engine.Conn", conn), conn.Close())
	}
	return conn, named.ID(), nil
}
