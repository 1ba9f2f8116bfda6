package scenarios

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"time"

	"tollgate/fakes/upstash/engine"
	"tollgate/fakes/upstash/engine/container"
	"tollgate/fakes/upstash/resp"
)

// The Redis that ParseRedis knows by name.
const (
	RedisEmbedded  = "embedded"
	RedisContainer = "container"
)

// redisTimeout bounds each question that a scenario asks the Redis itself.
const redisTimeout = 10 * time.Second

// ErrRedisInUse is the error for a database that is not empty.
var ErrRedisInUse = errors.New("the database is not empty")

// Redis says which Redis holds the data behind the fake Upstash. The zero value is
// the one in this process.
type Redis struct {
	container bool
	remote    engine.RemoteConfig // without a URL: none
}

// ParseRedis reads RedisEmbedded, RedisContainer, or the URL of a Redis. It does
// not ask the Redis.
func ParseRedis(text string) (Redis, error) {
	switch text {
	case RedisEmbedded:
		return Redis{}, nil
	case RedisContainer:
		return Redis{container: true}, nil
	}
	r := Redis{remote: engine.RemoteConfig{URL: text}}
	if err := r.remote.Validate(); err != nil {
		return Redis{}, fmt.Errorf("the Redis is neither %q nor %q nor a URL: %w", RedisEmbedded, RedisContainer, err)
	}
	return r, nil
}

// Store is a Redis that worlds use, one after another. Make one with Redis.Open. A
// nil Store is the Redis in this process, a new one for each world.
type Store struct {
	remote engine.RemoteConfig
	about  string
	close  func() error
}

// Open starts the container, or sees whether the address has an empty database:
// it is emptied after each world. Errors wrap ErrNotStarted and have one line. The
// Store is nil for the Redis in this process.
func (r Redis) Open(ctx context.Context) (*Store, error) {
	store, err := r.open(ctx)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotStarted, err)
	}
	return store, nil
}

func (r Redis) open(ctx context.Context) (*Store, error) {
	switch {
	case r.container:
		c, err := container.Start(ctx, container.Config{})
		if err != nil {
			return nil, err
		}
		return &Store{
			remote: engine.RemoteConfig{URL: c.Address()}, close: c.Close,
			about: fmt.Sprintf("Redis %s in a container of image %s", c.Version(), c.Image()),
		}, nil
	case r.remote.URL != "":
		e, err := engine.NewRemote(ctx, r.remote)
		if err != nil {
			return nil, err
		}
		defer func() { _ = e.Close() }()
		keys, err := ask(ctx, e, "DBSIZE")
		if err != nil {
			return nil, err
		}
		if keys.Int > 0 {
			return nil, fmt.Errorf("%w: %s holds %d keys, and what is there at the end of a run is deleted; give an empty one",
				ErrRedisInUse, e.Address(), keys.Int)
		}
		return &Store{
			remote: r.remote, close: func() error { return nil },
			about: fmt.Sprintf("Redis %s at %s", e.Version(), e.Address()),
		}, nil
	}
	return nil, nil
}

// String says what it is, without a password.
func (s *Store) String() string {
	if s == nil {
		return "miniredis in this process"
	}
	return s.about
}

// Close ends the container, if there is one.
func (s *Store) Close() error {
	if s == nil {
		return nil
	}
	return s.close()
}

// engine connects a world; nil has it make its own.
func (s *Store) engine(ctx context.Context) (engine.Engine, error) {
	if s == nil {
		return nil, nil
	}
	return engine.NewRemote(ctx, s.remote)
}

// empty deletes what a world wrote: the database was empty before.
func (s *Store) empty(ctx context.Context) error {
	if s == nil {
		return nil
	}
	e, err := engine.NewRemote(ctx, s.remote)
	if err != nil {
		return err
	}
	_, err = ask(ctx, e, "FLUSHDB")
	return errors.Join(err, e.Close())
}

// ask sends an engine one command.
func ask(ctx context.Context, e engine.Engine, command string) (resp.Value, error) {
	ctx, cancel := context.WithTimeout(ctx, redisTimeout)
	defer cancel()
	conn, err := e.Dial(ctx)
	if err != nil {
		return resp.Value{}, err
	}
	defer conn.Close()
	deadline, _ := ctx.Deadline()
	if err := conn.SetDeadline(deadline); err != nil {
		return resp.Value{}, err
	}
	if _, err := conn.Write(resp.AppendCommand(nil, []byte(command))); err != nil {
		return resp.Value{}, err
	}
	reply, err := resp.ReadValue(bufio.NewReader(conn), resp.Limits{})
	if err == nil && reply.IsError() {
		err = fmt.Errorf("%s was refused: %s", command, reply.Text())
	}
	return reply, err
}
