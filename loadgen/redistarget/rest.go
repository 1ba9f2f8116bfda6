package redistarget

import (
	"context"
	"fmt"
	"net"

	"tollgate/system/restredis"
)

// RESTConfig sets up a target over the Upstash REST API.
type RESTConfig struct {
	URL   string // https://..., as in the Upstash console
	Token string
	Conns int // cap of connections; 0 is DefaultConns
	// DialContext opens connections; nil dials TCP.
	DialContext func(ctx context.Context, network, addr string) (net.Conn, error)
}

// NewREST checks cfg; it does not connect yet. Errors never show the token.
func NewREST(cfg RESTConfig) (*Target, error) {
	if cfg.Conns == 0 {
		cfg.Conns = DefaultConns
	}
	client, err := restredis.New(restredis.Config{
		URL: cfg.URL, Token: cfg.Token, Component: component, MaxConns: cfg.Conns,
		Retry: restredis.Retry{MaxAttempts: 1}, DialContext: cfg.DialContext,
	})
	if err != nil {
		return nil, fmt.Errorf("redistarget: %w", err)
	}
	return &Target{address: cfg.URL, store: client, close: client.Close}, nil
}
