package redistarget

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"tollgate/system/queue"
	"tollgate/system/tcpredis"
)

// defaultPort is Redis' own.
const defaultPort = 6379

// TCPConfig sets up a target over TCP.
type TCPConfig struct {
	// URL is redis://[user:password@]host[:port], or rediss:// for TLS.
	URL   string
	Conns int // cap of connections; 0 is DefaultConns
	// DialContext opens connections; nil dials TCP.
	DialContext func(ctx context.Context, network, addr string) (net.Conn, error)
}

// NewTCP checks cfg; it does not connect yet. Errors never show the password.
func NewTCP(cfg TCPConfig) (*Target, error) {
	redisConfig, err := cfg.parse()
	if err != nil {
		return nil, err
	}
	client, err := tcpredis.New(redisConfig)
	if err != nil {
		return nil, fmt.Errorf("redistarget: %w", err)
	}
	client.AddHook(keepCause{})
	jobs := asynq.NewClientFromRedisClient(client)
	return &Target{
		address: "redis " + net.JoinHostPort(redisConfig.Host, strconv.Itoa(redisConfig.Port)),
		store:   tcpredis.NewStore(client),
		enqueue: func(ctx context.Context, name string, payload []byte) (string, error) {
			return enqueue(ctx, jobs, name, payload)
		},
		close: client.Close,
	}, nil
}

func (cfg TCPConfig) parse() (tcpredis.Config, error) {
	wrong := func(format string, args ...any) (tcpredis.Config, error) {
		return tcpredis.Config{}, fmt.Errorf("redistarget: "+format+"; write it like redis://127.0.0.1:6379 or rediss://default:PASSWORD@host:6379", args...)
	}
	u, err := url.Parse(cfg.URL)
	switch {
	case err != nil: // its text has the URL, and with it the password
		return wrong("the address is no URL")
	case u.Scheme != "redis" && u.Scheme != "rediss":
		return wrong("the address begins with %q", u.Scheme+":")
	case u.Hostname() == "":
		return wrong("the address has no host")
	case u.Path != "" && u.Path != "/" && u.Path != "/0":
		return wrong("database %q is asked for, and asynq queues and Upstash have only 0", u.Path[1:])
	case u.RawQuery != "" || u.Fragment != "":
		return wrong("the address has a query or a fragment")
	case cfg.Conns < 0:
		return tcpredis.Config{}, fmt.Errorf("redistarget: %d connections; use 1 or more, or 0 for %d", cfg.Conns, DefaultConns)
	}
	port := defaultPort
	if text := u.Port(); text != "" {
		if port, err = strconv.Atoi(text); err != nil {
			return wrong("port %q is not a number", text)
		}
	}
	out := tcpredis.Config{
		Host: u.Hostname(), Port: port, Component: component, PoolSize: cfg.Conns, MaxRetries: -1, DialContext: cfg.DialContext,
	}
	if out.PoolSize == 0 {
		out.PoolSize = DefaultConns
	}
	if u.User != nil {
		out.Username = u.User.Username()
		out.Password, _ = u.User.Password()
	}
	if u.Scheme == "rediss" {
		out.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	return out, nil
}

// enqueue hands in a job as the service would.
func enqueue(ctx context.Context, jobs *asynq.Client, name string, payload []byte) (string, error) {
	spec, err := queue.Lookup(name)
	if err != nil {
		return "", err
	}
	ctx, cause := withCause(ctx)
	info, err := jobs.EnqueueContext(ctx, asynq.NewTask(name, payload),
		asynq.Queue(name), asynq.MaxRetry(spec.MaxRetry), asynq.Timeout(spec.Timeout), asynq.Retention(spec.Retention))
	if err != nil {
		return "", fmt.Errorf("enqueue on %s: %w", name, errors.Join(err, *cause))
	}
	return info.ID, nil
}

// causeKey is where withCause leaves its place in a context.
type causeKey struct{}

// withCause makes a place for the error of a command, of which asynq hands on no more than the text.
func withCause(ctx context.Context) (context.Context, *error) {
	cause := new(error)
	return context.WithValue(ctx, causeKey{}, cause), cause
}

// keepCause is the hook that fills the place.
type keepCause struct{}

func (keepCause) DialHook(next redis.DialHook) redis.DialHook { return next }

func (keepCause) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		err := next(ctx, cmd)
		if place, ok := ctx.Value(causeKey{}).(*error); ok && err != nil && !errors.Is(err, redis.Nil) {
			*place = err
		}
		return err
	}
}

func (keepCause) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}
