package restredis

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Defaults of Config and Retry.
const (
	DefaultMaxConns   = 32
	DefaultTimeout    = 5 * time.Second
	DefaultMaxRequest = 10 << 20 // Upstash's limit on all but the larger fixed plans

	DefaultMaxAttempts = 4
	DefaultBackoffBase = 100 * time.Millisecond
	DefaultBackoffMax  = 2 * time.Second
	DefaultMaxElapsed  = 10 * time.Second
)

// maxResponse bounds the body of one response, in bytes.
const maxResponse = 64 << 20

// idleTimeout is how long an unused HTTP connection is kept.
const idleTimeout = 90 * time.Second

// Config says which database to use and how.
type Config struct {
	URL   string // http or https, as in the Upstash console
	Token string // the database's REST token
	// Component names the caller in the User-Agent: "tollgate-<component>/1".
	// Required; letters, digits, dot, dash and underscore.
	Component string
	// MaxConns bounds the HTTP connections; more requests at a time wait.
	MaxConns int
	// Timeout bounds one attempt, with waiting for a connection and reading
	// the reply.
	Timeout time.Duration
	// MaxRequest bounds one command's request, in bytes.
	MaxRequest int
	Retry      Retry
	// DialContext replaces the TCP dialer, and turns proxies off.
	DialContext func(ctx context.Context, network, addr string) (net.Conn, error)
	TLS         *tls.Config // nil for the system's roots
}

// Retry bounds the attempts of one command. A zero field means its default.
type Retry struct {
	MaxAttempts int           // attempts in all; 1 turns retries off
	Base        time.Duration // longest pause before the second attempt; doubles each time
	Max         time.Duration // longest pause before any attempt
	MaxElapsed  time.Duration // no attempt starts later than this after the first
}

// Validate reports the first thing that is wrong as an ErrConfig. Neither the
// token nor credentials in the URL are shown.
func (c Config) Validate() error {
	u, err := url.Parse(c.URL)
	switch {
	case c.URL == "":
		return fmt.Errorf("%w: URL is empty; set the REST URL of the database", ErrConfig)
	case err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https"):
		return fmt.Errorf("%w: URL is not an http or https URL; copy the REST URL from the Upstash console", ErrConfig)
	case u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return fmt.Errorf("%w: URL of %s holds credentials, a query or a fragment; leave them out, the token is a field of its own", ErrConfig, u.Host)
	case c.Token == "":
		return fmt.Errorf("%w: Token is empty; set the REST token of the database", ErrConfig)
	case strings.ContainsFunc(c.Token, func(r rune) bool { return r <= ' ' || r > '~' }):
		return fmt.Errorf("%w: Token holds white space or characters outside ASCII; copy it again", ErrConfig)
	case !validComponent(c.Component):
		return fmt.Errorf("%w: Component is %q; set a name of letters, digits, dots, dashes and underscores", ErrConfig, c.Component)
	case c.MaxConns < 0 || c.Timeout < 0 || c.MaxRequest < 0:
		return fmt.Errorf("%w: MaxConns %d, Timeout %v or MaxRequest %d is negative; set 0 for the default", ErrConfig, c.MaxConns, c.Timeout, c.MaxRequest)
	case c.Retry.MaxAttempts < 0 || c.Retry.Base < 0 || c.Retry.Max < 0 || c.Retry.MaxElapsed < 0:
		return fmt.Errorf("%w: Retry %+v has a negative field; set 0 for its default", ErrConfig, c.Retry)
	}
	return nil
}

// String describes the configuration without the token.
func (c Config) String() string {
	host := "(invalid URL)"
	if u, err := url.Parse(c.URL); err == nil {
		host = u.Scheme + "://" + u.Host
	}
	return fmt.Sprintf("Upstash REST at %s for %s", host, c.Component)
}

// GoString is String: %#v must not show the token either.
func (c Config) GoString() string { return c.String() }

func validComponent(name string) bool {
	return name != "" && !strings.ContainsFunc(name, func(r rune) bool {
		letter := 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
		return !letter && !strings.ContainsRune("._-", r)
	})
}

// withDefaults fills in zero fields.
func (c Config) withDefaults() Config {
	setDefault(&c.MaxConns, DefaultMaxConns)
	setDefault(&c.Timeout, DefaultTimeout)
	setDefault(&c.MaxRequest, DefaultMaxRequest)
	setDefault(&c.Retry.MaxAttempts, DefaultMaxAttempts)
	setDefault(&c.Retry.Base, DefaultBackoffBase)
	setDefault(&c.Retry.Max, DefaultBackoffMax)
	setDefault(&c.Retry.MaxElapsed, DefaultMaxElapsed)
	return c
}

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

// dialer bounds the dial. net/http finishes it for a later request when the one
// that asked for it is over: without a bound of its own, a dial or handshake
// that hangs would hold one of MaxConns for ever.
func (c Config) dialer() func(ctx context.Context, network, addr string) (net.Conn, error) {
	dial := c.DialContext
	if dial == nil {
		dial = new(net.Dialer).DialContext
	}
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		ctx, cancel := context.WithTimeout(ctx, c.Timeout)
		defer cancel()
		return dial(ctx, network, addr)
	}
}

// transport returns the connection pool: HTTP/1.1, bounded, kept alive.
func (c Config) transport() *http.Transport {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	t := &http.Transport{
		Protocols:           protocols,
		MaxConnsPerHost:     c.MaxConns,
		MaxIdleConnsPerHost: c.MaxConns,
		MaxIdleConns:        c.MaxConns,
		IdleConnTimeout:     idleTimeout,
		DialContext:         c.dialer(),
		TLSHandshakeTimeout: c.Timeout,
		DisableCompression:  true, // replies are small, and base64 does not shrink
	}
	if c.DialContext == nil {
		t.Proxy = http.ProxyFromEnvironment
	}
	t.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12}
	if c.TLS != nil {
		t.TLSClientConfig = c.TLS.Clone()
		t.TLSClientConfig.MinVersion = max(t.TLSClientConfig.MinVersion, tls.VersionTLS12)
	}
	return t
}
