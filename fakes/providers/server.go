package providers

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// Server is a running fake. All methods may be called at any time from any goroutine.
type Server struct {
	cfg      Config
	listener net.Listener
	http     *http.Server
	faults   *faults
	counts   counts
	events   *feed
	contacts *feed
	messages atomic.Uint64 // accepted so far

	stopping context.Context // done when Close begins: releases the calls that hang
	stop     context.CancelFunc

	mu      sync.Mutex // orders enter before Close's Wait
	closed  bool
	running sync.WaitGroup // Serve and every call
}

// Start listens and serves until Close. ctx bounds the listening only.
func Start(ctx context.Context, cfg Config) (*Server, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	cfg = cfg.withDefaults()
	listener, err := cfg.Listen(ctx, "tcp", cfg.Addr)
	if err != nil {
		return nil, fmt.Errorf("fake providers: listen on %s: %w", cfg.Addr, err)
	}
	s := &Server{
		cfg: cfg, listener: listener,
		faults:   newFaults(cfg.Seed, cfg.Plan),
		counts:   counts{of: map[string]*Count{}},
		events:   newFeed(cfg.Pages, cfg.PageSize),
		contacts: newFeed(cfg.Pages, cfg.PageSize),
	}
	s.stopping, s.stop = context.WithCancel(context.Background())
	s.http = &http.Server{
		Handler:           s.routes(),
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
	}
	s.running.Go(func() {
		if err := s.http.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			cfg.Logger.Error("fake providers: serve", "error", err)
		}
	})
	return s, nil
}

// URL is the server's root, without a slash at the end.
func (s *Server) URL() string { return "http://" + s.listener.Addr().String() }

// OAuthURL is the token endpoint.
func (s *Server) OAuthURL() string { return s.URL() + "/token" }

// CalendarURL is the root of the Calendar API.
func (s *Server) CalendarURL() string { return s.URL() + "/calendar/v3/" }

// PeopleURL is the root of the People API.
func (s *Server) PeopleURL() string { return s.URL() + "/" }

// SMSURL is the root of the SMS API.
func (s *Server) SMSURL() string { return s.URL() + "/" }

// HookURL is the webhook target with that identifier.
func (s *Server) HookURL(id string) string { return s.URL() + "/hooks/" + id }

// SuggestURL is the suggestion endpoint.
func (s *Server) SuggestURL() string { return s.URL() + "/suggest" }

// AccessToken returns an access token of user that works for Config.TokenLife from now, as a refresh would.
func (s *Server) AccessToken(user string) string {
	return accessToken(user, time.Now().Add(s.cfg.TokenLife))
}

// Counts is what was served so far, by endpoint (see the package's table). Endpoints without a call are absent.
func (s *Server) Counts() map[string]Count { return s.counts.snapshot() }

// SetPlan replaces the plan for the calls to come. It does not check it: see Plan.Validate.
func (s *Server) SetPlan(p Plan) { s.faults.set(p) }

// ExpireSyncTokens makes every sync token handed out so far an expired one.
func (s *Server) ExpireSyncTokens() {
	s.events.expire()
	s.contacts.expire()
}

// Revoke takes back a user's consent for good: a refresh answers invalid_grant, and the access tokens stop working.
func (s *Server) Revoke(user string) { s.faults.revoke(user) }

// Close stops listening, cuts the calls in flight and waits for their handlers, which a cut connection ends. Calls after the first do nothing.
func (s *Server) Close() error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil
	}
	s.closed = true
	s.mu.Unlock()
	s.stop()
	err := s.http.Close()
	s.running.Wait()
	if err != nil {
		return fmt.Errorf("fake providers: close: %w", err)
	}
	return nil
}

// enter counts a call in; false means that the server is closing. The caller owes running.Done.
func (s *Server) enter() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	s.running.Add(1)
	return true
}
