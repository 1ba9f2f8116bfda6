package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"tollgate/fakes/upstash/engine"
	"tollgate/reports/exitcode"
)

// store is where the data is: in memory, with or without a file to keep it in, or in another Redis.
type store struct {
	engine engine.Engine
	// where says it to the user; "" for memory alone.
	where string
	// save keeps the data, if it is to be kept.
	save func() error
}

// openStore connects to the upstream, or loads the file. Its errors have their exit codes: an
// upstream that is none is a wrong argument, everything else could not start.
func openStore(ctx context.Context, o options) (*store, error) {
	if o.Upstream != "" {
		remote, err := engine.NewRemote(ctx, engine.RemoteConfig{URL: o.Upstream})
		switch unreachable := (*engine.UnreachableError)(nil); {
		case errors.As(err, &unreachable):
			return nil, exitcode.With(exitcode.NotStarted, err)
		case err != nil:
			return nil, exitcode.With(exitcode.Usage, fmt.Errorf("--upstream: %w; see upstash --help", err))
		}
		return &store{engine: remote, where: "before " + remote.Address(), save: func() error { return nil }}, nil
	}
	embedded, err := engine.NewEmbedded()
	if err != nil {
		return nil, exitcode.With(exitcode.NotStarted, err)
	}
	if o.Data == "" {
		return &store{engine: embedded, save: func() error { return nil }}, nil
	}
	if err := load(embedded, o.Data); err != nil {
		return nil, exitcode.With(exitcode.NotStarted, errors.Join(err, embedded.Close()))
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
