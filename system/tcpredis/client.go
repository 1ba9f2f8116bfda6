package tcpredis

import (
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"net"
	"strconv"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// New returns a client with its own pool. It dials MinIdleConns connections in
// the background and does not wait for them: Warm does, and finds wrong
// credentials. The caller closes the client.
func New(cfg Config) (*redis.Client, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	m := &meter{}
	client := redis.NewClient(&redis.Options{
		Addr:       net.JoinHostPort(cfg.Host, strconv.Itoa(cfg.Port)),
		Dialer:     cfg.dialer(),
		ClientName: cfg.Component,
		Username:   cfg.Username,
		Password:   cfg.Password,

		// The quiet handshake: RESP2, no CLIENT SETINFO, no CLIENT MAINT_NOTIFICATIONS.
		Protocol:                 2,
		DisableIdentity:          true,
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},

		PoolSize:         cfg.poolSize(),
		MinIdleConns:     cfg.MinIdleConns,
		PipelinePoolSize: -1, // pipelines use the one pool
		ConnMaxIdleTime:  -1, // an idle connection is kept: dialling again costs a handshake

		DialTimeout:           DefaultDialTimeout,
		DialerRetries:         1, // MaxRetries bounds the attempts, not its square
		ReadTimeout:           DefaultTimeout,
		WriteTimeout:          DefaultTimeout,
		ContextTimeoutEnabled: true,
		MaxRetries:            cfg.maxRetries(),
		MinRetryBackoff:       minRetryBackoff,
		MaxRetryBackoff:       maxRetryBackoff,

		Limiter: m,
	})
	client.AddHook(m)
	return client, nil
}

// Warm opens the client's MinIdleConns connections (at least one) and finishes
// their handshakes, so that each carries its name and the credentials are known
// to be right. It costs one PING a connection, which Upstash does not bill.
func Warm(ctx context.Context, client *redis.Client) error {
	for range max(1, client.Options().MinIdleConns) {
		conn := client.Conn() // held until return, so that each round gets another one
		defer conn.Close()    //nolint:errcheck // returns the connection to the pool
		if err := conn.Ping(ctx).Err(); err != nil {
			return wrap("PING", err)
		}
	}
	return nil
}

// dialer returns the function that opens one connection, TLS included.
func (c Config) dialer() func(ctx context.Context, network, addr string) (net.Conn, error) {
	logger := c.Logger
	if logger == nil {
		logger = slog.New(slog.DiscardHandler)
	}
	dial := c.DialContext
	if dial == nil {
		dial = (&net.Dialer{KeepAliveConfig: keepAlive}).DialContext
	}
	if c.MaxConns > 0 {
		dial = limited(dial, c.MaxConns)
	}
	var secure *tls.Config
	if c.TLS != nil {
		secure = c.TLS.Clone()
		secure.MinVersion = max(secure.MinVersion, tls.VersionTLS12)
		if secure.ServerName == "" {
			secure.ServerName = c.Host
		}
	}
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		ctx, cancel := context.WithTimeout(ctx, DefaultDialTimeout)
		defer cancel()
		conn, err := dial(ctx, network, addr)
		if err == nil && secure != nil {
			conn, err = handshake(ctx, conn, secure)
		}
		if err != nil {
			logger.WarnContext(ctx, "redis dial failed", "component", c.Component, "addr", addr, "error", err)
			return nil, dialError(network, err)
		}
		return conn, nil
	}
}

// handshake runs TLS over conn and closes conn when that fails.
func handshake(ctx context.Context, conn net.Conn, cfg *tls.Config) (net.Conn, error) {
	secured := tls.Client(conn, cfg)
	if err := secured.HandshakeContext(ctx); err != nil {
		_ = conn.Close()
		return nil, fmt.Errorf("TLS handshake with %s: %w", cfg.ServerName, err)
	}
	return secured, nil
}
