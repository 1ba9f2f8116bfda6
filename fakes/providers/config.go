package providers

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"time"
)

// Defaults of Config and Plan.
const (
	DefaultAddr       = "127.0.0.1:0"
	DefaultPages      = 3
	DefaultPageSize   = 10
	DefaultTokenLife  = time.Hour
	DefaultRetryAfter = time.Second
	DefaultSlowBy     = 200 * time.Millisecond
	DefaultHang       = 2 * time.Second
)

// Config is a server's settings. The zero value is a server on a free local port without failures.
type Config struct {
	// Listen opens the listener. Default: net.ListenConfig.
	Listen func(ctx context.Context, network, addr string) (net.Listener, error)
	// Addr is where to listen. Default DefaultAddr.
	Addr string
	// Plan says which calls fail.
	Plan Plan
	// Seed decides which calls the plan's shares fall on.
	Seed uint64
	// Pages and PageSize shape a full synchronization: all pages are full but the last, which is half full.
	// Defaults DefaultPages and DefaultPageSize: 25 items.
	Pages, PageSize int
	// TokenLife is how long an access token works, at least a second. Default DefaultTokenLife.
	TokenLife time.Duration
	// Logger gets a line for each call, at debug level. Default: none.
	Logger *slog.Logger
}

func (c Config) withDefaults() Config {
	if c.Listen == nil {
		c.Listen = (&net.ListenConfig{}).Listen
	}
	if c.Addr == "" {
		c.Addr = DefaultAddr
	}
	if c.Pages == 0 {
		c.Pages = DefaultPages
	}
	if c.PageSize == 0 {
		c.PageSize = DefaultPageSize
	}
	if c.TokenLife == 0 {
		c.TokenLife = DefaultTokenLife
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c
}

// Validate reports every setting that is out of its range. Zero settings get their defaults and are fine.
func (c Config) Validate() error {
	var problems []error
	if c.Pages < 0 || c.Pages > 1000 {
		problems = append(problems, fmt.Errorf("fake providers: Pages is %d: set 1 to 1000, or 0 for %d", c.Pages, DefaultPages))
	}
	if c.PageSize < 0 || c.PageSize > 2500 {
		problems = append(problems, fmt.Errorf("fake providers: PageSize is %d: set 1 to 2500, or 0 for %d", c.PageSize, DefaultPageSize))
	}
	if c.TokenLife != 0 && c.TokenLife < time.Second {
		problems = append(problems, fmt.Errorf("fake providers: TokenLife is %v: set 1s or more, or 0 for %v", c.TokenLife, DefaultTokenLife))
	}
	return errors.Join(append(problems, c.Plan.Validate())...)
}
