package restredis

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
)

// Client talks to one database. It is safe for concurrent use.
type Client struct {
	*shared
	userAgent string
}

// shared is what the clients derived by As have in common.
type shared struct {
	cfg     Config // with defaults filled in
	baseURL string // without a slash at its end
	http    *http.Client

	syncToken atomic.Pointer[string]
	requests  atomic.Int64
	retries   atomic.Int64
	network   atomic.Int64

	life context.Context // ends at Close
	end  context.CancelFunc
}

// Stats counts what a client, and all clients that share its pool, did.
type Stats struct {
	Requests      int64 // commands and batches asked for
	Retries       int64 // attempts beyond the first, whatever came of them
	NetworkErrors int64 // attempts without an answer: dial, EOF, reset, timeout
}

// New returns a client. It sends nothing: Ping checks URL and token.
func New(cfg Config) (*Client, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	cfg = cfg.withDefaults()
	base, err := url.Parse(cfg.URL)
	if err != nil {
		return nil, fmt.Errorf("%w: URL is not a URL", ErrConfig)
	}
	life, end := context.WithCancel(context.Background())
	s := &shared{
		cfg:     cfg,
		baseURL: strings.TrimRight(base.String(), "/"),
		http: &http.Client{
			Transport: cfg.transport(),
			// A redirect would carry the token elsewhere; the API sends none.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		life: life, end: end,
	}
	return (&Client{shared: s}).As(cfg.Component), nil
}

// As returns a client that shares everything with c (connections, token, sync
// token, Stats, Close) but tells the server another component: User-Agent
// "tollgate-<component>/1".
func (c *Client) As(component string) *Client {
	return &Client{shared: c.shared, userAgent: "tollgate-" + component + "/1"}
}

// Close ends running requests with ErrClosed and closes the connections of c
// and of all clients that share them. Later calls fail with ErrClosed. It never
// fails and may be called twice.
func (c *Client) Close() error {
	c.end()
	c.http.CloseIdleConnections()
	return nil
}

// Stats returns the counts so far.
func (c *Client) Stats() Stats {
	return Stats{Requests: c.requests.Load(), Retries: c.retries.Load(), NetworkErrors: c.network.Load()}
}

// String describes the client without the token.
func (c *Client) String() string { return c.cfg.String() }

// GoString is String: %#v must not show the token either.
func (c *Client) GoString() string { return c.String() }
