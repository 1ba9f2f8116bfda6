package service

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"
)

// Bounds of the HTTP server.
const (
	readHeaderTimeout = 5 * time.Second
	readTimeout       = 15 * time.Second
	writeTimeout      = 30 * time.Second
	idleTimeout       = 2 * time.Minute
	maxHeaderBytes    = 64 << 10
)

// httpServer serves the API on the service's network.
type httpServer struct {
	addr    string
	network Network
	handler http.Handler
	logger  *slog.Logger
	server  *http.Server

	mu       sync.Mutex
	listener net.Listener
	done     chan struct{}
}

func newHTTPServer(addr string, network Network, handler http.Handler, logger *slog.Logger) *httpServer {
	return &httpServer{
		addr: addr, network: network, handler: handler, logger: logger,
		server: &http.Server{
			Handler: handler, ReadHeaderTimeout: readHeaderTimeout, ReadTimeout: readTimeout,
			WriteTimeout: writeTimeout, IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeaderBytes,
			ErrorLog: slog.NewLogLogger(logger.Handler(), slog.LevelWarn),
		},
	}
}

// Start listens and serves until Stop.
func (h *httpServer) Start(ctx context.Context) error {
	listener, err := h.network.Listen(ctx, "tcp", h.addr)
	if err != nil {
		return fmt.Errorf("HTTP_ADDR %s: %w; choose a free address", h.addr, err)
	}
	h.mu.Lock()
	h.listener, h.done = listener, make(chan struct{})
	h.mu.Unlock()
	go func() {
		defer close(h.done)
		if err := h.server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			h.logger.Error("HTTP server ended", "error", err)
		}
	}()
	return nil
}

// Stop takes no further connection and waits for running requests until ctx
// ends; then it cuts them off. After it, Start serves nothing.
func (h *httpServer) Stop(ctx context.Context) error {
	h.mu.Lock()
	done := h.done
	h.mu.Unlock()
	err := h.server.Shutdown(ctx)
	if err != nil {
		err = errors.Join(fmt.Errorf("HTTP server: requests cut off: %w", err), h.server.Close())
	}
	if done != nil {
		<-done
	}
	return err
}

// Addr is the address listened on; empty before Start.
func (h *httpServer) Addr() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.listener == nil {
		return ""
	}
	return h.listener.Addr().String()
}
