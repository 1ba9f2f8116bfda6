package redisserver

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"time"
)

const (
	// startTimeout bounds each start, until the server answers.
	startTimeout = 10 * time.Second
	// stopTimeout bounds the end of a server that saves; then comes SIGKILL.
	stopTimeout = 5 * time.Second
	// portTries is how often Start picks another port when somebody took the first.
	portTries = 5
	binary    = "redis-server"
)

// ErrNotInstalled is the error of Start where there is no redis-server.
var ErrNotInstalled = errors.New("redisserver: no redis-server in PATH; install it (Debian: apt-get install redis-server)")

// Config says how to start. The zero value is usable.
type Config struct {
	// Args are further arguments of redis-server, such as "--requirepass", "secret".
	Args []string
}

// Server is a running redis-server. Make one with Start. Its methods are safe for
// concurrent use.
type Server struct {
	cfg Config
	dir string // its working directory, removed by Stop

	mu      sync.Mutex
	port    int
	running *process // nil once it was stopped
}

// Start starts a redis-server on a free loopback port and waits until it answers,
// at most 10 seconds.
func Start(ctx context.Context, cfg Config) (*Server, error) {
	if _, err := exec.LookPath(binary); err != nil {
		return nil, ErrNotInstalled
	}
	dir, err := os.MkdirTemp("", "redisserver-")
	if err != nil {
		return nil, fmt.Errorf("redisserver: %w", err)
	}
	s := &Server{cfg: cfg, dir: dir}
	for range portTries {
		if s.port, err = freePort(ctx); err != nil {
			break
		}
		if s.running, err = s.launch(ctx); err == nil {
			return s, nil
		}
		if ctx.Err() != nil {
			break
		}
	}
	return nil, errors.Join(err, os.RemoveAll(dir))
}

// Addr is where it listens, as "127.0.0.1:port"; it stays the same over restarts.
func (s *Server) Addr() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port)) }

// URL is where it listens, as "redis://127.0.0.1:port".
func (s *Server) URL() string { return "redis://" + s.Addr() }

// Stop ends the server and removes what it wrote. Stopping again does nothing.
func (s *Server) Stop() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	err := s.end(syscall.SIGKILL)
	return errors.Join(err, os.RemoveAll(s.dir))
}

// Restart ends the server and starts it again at the same address. Its data is
// kept only if keep is set; otherwise it is killed, as in a crash.
func (s *Server) Restart(ctx context.Context, keep bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.running == nil {
		return errors.New("redisserver: restart: it was stopped")
	}
	signal := syscall.SIGTERM // it saves
	if !keep {
		signal = syscall.SIGKILL
		if err := os.RemoveAll(filepath.Join(s.dir, "dump.rdb")); err != nil {
			return fmt.Errorf("redisserver: restart: %w", err)
		}
	}
	if err := s.end(signal); err != nil {
		return err
	}
	var err error
	s.running, err = s.launch(ctx)
	return err
}

// end ends the process, if there is one; mu is held.
func (s *Server) end(signal os.Signal) error {
	running := s.running
	s.running = nil
	if running == nil {
		return nil
	}
	return running.end(signal)
}

// freePort finds a loopback port that nobody listens on.
func freePort(ctx context.Context) (int, error) {
	var config net.ListenConfig
	l, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("redisserver: no free port: %w", err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}
