package tcpredis

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"regexp"
	"time"
)

// Defaults of Config.
const (
	DefaultPoolSize    = 2
	DefaultMaxRetries  = 3
	DefaultDialTimeout = 5 * time.Second // connection and TLS handshake together
	DefaultTimeout     = 5 * time.Second // one read or one write
)

// Pauses between the attempts of one command: they double from the first to
// the second, with jitter.
const (
	minRetryBackoff = 20 * time.Millisecond
	maxRetryBackoff = time.Second
)

// keepAlive finds dead peers behind load balancers that drop idle connections
// silently: the policy of go-redis' own dialer, which a custom dialer loses.
var keepAlive = net.KeepAliveConfig{Enable: true, Idle: 30 * time.Second, Interval: 5 * time.Second, Count: 3}

// ErrConfig is what errors.Is finds in every error of Config.Validate.
var ErrConfig = errors.New("tcpredis: invalid configuration")

// Config says where Redis is and how many connections to open.
type Config struct {
	Host     string // host name or IP address
	Port     int    // 1 to 65535
	Username string // "" means the default user
	Password string // "" means that the server asks for none
	// TLS is the TLS configuration, nil for plaintext. Upstash accepts TLS
	// only. MinVersion is raised to TLS 1.2, ServerName defaults to Host.
	TLS *tls.Config
	// Component names the connections in CLIENT LIST. Required; letters,
	// digits, dot, colon, dash and underscore.
	Component string
	// PoolSize is the most connections held at a time, subscribers not counted.
	PoolSize int
	// MinIdleConns is how many connections to dial at once at start. With
	// MinIdleConns = PoolSize the pool has a fixed size.
	MinIdleConns int
	// MaxConns is the most connections open at a time, subscribers counted: a
	// dial beyond it waits until one is closed, for DefaultDialTimeout at most.
	// 0 leaves it to PoolSize, which go-redis exceeds by one for the moment
	// between giving a broken connection up and closing it.
	MaxConns int
	// MaxRetries is how often a failed command is tried again; 0 means the
	// default, a negative number never.
	MaxRetries int
	// DialContext replaces the TCP dialer. TLS is added on top of it.
	DialContext func(ctx context.Context, network, addr string) (net.Conn, error)
	// Logger gets a warning for each failed dial; nil discards it.
	Logger *slog.Logger
}

var componentName = regexp.MustCompile(`^[A-Za-z0-9.:_-]+$`)

// Validate reports the first thing that is wrong. The password is never shown.
func (c Config) Validate() error {
	switch {
	case c.Host == "":
		return fmt.Errorf("%w: Host is empty; set the server's host name", ErrConfig)
	case c.Port < 1 || c.Port > 65535:
		return fmt.Errorf("%w: Port is %d; set one from 1 to 65535", ErrConfig, c.Port)
	case !componentName.MatchString(c.Component):
		return fmt.Errorf("%w: Component is %q; set a name of letters, digits, dots, colons, dashes and underscores", ErrConfig, c.Component)
	case c.PoolSize < 0:
		return fmt.Errorf("%w: PoolSize is %d; set 1 or more, or 0 for %d", ErrConfig, c.PoolSize, DefaultPoolSize)
	case c.MinIdleConns < 0 || c.MinIdleConns > c.poolSize():
		return fmt.Errorf("%w: MinIdleConns is %d; set 0 to PoolSize, which is %d", ErrConfig, c.MinIdleConns, c.poolSize())
	case c.MaxConns < 0 || c.MaxConns > 0 && c.MaxConns < c.poolSize():
		return fmt.Errorf("%w: MaxConns is %d; set at least PoolSize, which is %d, or 0 for no bound", ErrConfig, c.MaxConns, c.poolSize())
	case c.Username != "" && c.Password == "":
		return fmt.Errorf("%w: Username is %q but Password is empty; set both or neither", ErrConfig, c.Username)
	}
	return nil
}

// String describes the configuration without the password.
func (c Config) String() string {
	return fmt.Sprintf("redis %s:%d as %q, pool of %d for %s", c.Host, c.Port, c.Username, c.poolSize(), c.Component)
}

// GoString is String: %#v must not show the password either.
func (c Config) GoString() string { return c.String() }

func (c Config) poolSize() int {
	if c.PoolSize == 0 {
		return DefaultPoolSize
	}
	return c.PoolSize
}

func (c Config) maxRetries() int {
	switch {
	case c.MaxRetries == 0:
		return DefaultMaxRetries
	case c.MaxRetries < 0:
		return -1 // go-redis' word for none
	default:
		return c.MaxRetries
	}
}
