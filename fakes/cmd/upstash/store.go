package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"tollgate/fakes/upstash/engine"
)

// store is where the data is: in memory, with or without a file to keep it in, or in another Redis.
type store struct {
	engine engine.Engine
	// where says it to the user; "" for memory alone.
	where string
	// save keeps the data, if it is to be kept.
	save func() error
}

// usageError is an argument that is wrong.
type usageError struct{ err error }

func (e *usageError) Error() string { return e.err.Error() + "; see upstash --help" }

func (e *usageError) Unwrap() error { return e.err }

// openStore connects to the upstream, or loads the file. An upstream that is none is a *usageError.
func openStore(ctx context.Context, o options) (*store, error) {
	if o.Upstream != "" {
		remote, err := engine.NewRemote(ctx, engine.RemoteConfig{URL: o.Upstream})
		switch unreachable := (*engine.UnreachableError)(nil); {
		case errors.As(err, &unreachable):
			return nil, err
		case err != nil:
			return nil, &usageError{fmt.Errorf("--upstream: %w", err)}
		}
		return &store{engine: remote, where: "before " + remote.Address(), save: func() error { return nil }}, nil
	}
	embedded, err := engine.NewEmbedded()
	if err != nil {
		return nil, err
	}
	if o.Data == "" {
		return &store{engine: embedded, save: func() error { return nil }}, nil
	}
	if err := load(embedded, o.Data); err != nil {
		return nil, errors.Join(err, embedded.Close())
	}
	return &store{
		engine: embedded, where: "data kept in " + o.Data, save: func() error { return save(embedded, o.Data) },
	}, nil
}

// close lets go of the data, once the server that uses it is closed.
func (s *store) close(stderr io.Writer) {
	if err := s.engine.Close(); err != nil {
		fmt.Fprintf(stderr, "upstash: while closing: %v\n", err)
	}
}
