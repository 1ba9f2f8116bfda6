package upstash

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"time"

	"tollgate/fakes/upstash/commands"
	"tollgate/fakes/upstash/resp"
	"tollgate/fakes/upstash/rest"
)

// Listen opens a stream of server-sent events; see rest.Backend. The command is
// billed once, whatever the stream brings.
func (b backend) Listen(ctx context.Context, p rest.Principal, args [][]byte) (rest.Events, string, error) {
	cmd, known := commands.Lookup(args)
	if err := b.accounts.throttle.await(ctx, 1); err != nil {
		return nil, "", err
	}
	if b.accounts.faults.Active() && !b.accounts.faults.Admit(ctx, p.Component, [][][]byte{args}) {
		return nil, b.refusedByFault(p, args), nil
	}
	who := b.callerOf(p)
	failed, refusal := b.accounts.admit(who, args, cmd, known)
	who.tab.Settle()
	if refusal != "" {
		return nil, refusal, nil
	}
	b.monitors.show(fromREST, args...)
	switch {
	case !cmd.Accepts(len(args)):
		if failed != nil {
			failed()
		}
		return nil, commands.WrongArity(cmd.Name), nil
	case cmd.Name == "MONITOR":
		return b.listenToCommands(ctx), "", nil
	}
	events, err := b.listenToTopics(ctx, args)
	if err != nil {
		return nil, "", err
	}
	return events, "", nil
}

// untilClose is a context that ends with the server too.
func (s *Server) untilClose(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(s.ctx, cancel)
	return ctx, func() { stop(); cancel() }
}

// topicEvents are the messages of a connection to the engine that is the
// stream's own: such streams are long, and the pool's connections few.
type topicEvents struct {
	conn   net.Conn
	r      *bufio.Reader
	cancel context.CancelFunc
}

func (s *Server) listenToTopics(ctx context.Context, args [][]byte) (*topicEvents, error) {
	conn, _, err := s.dialEngine(ctx)
	if err != nil {
		return nil, fmt.Errorf("upstash: no engine connection: %w", err)
	}
	ctx, cancel := s.untilClose(ctx)
	context.AfterFunc(ctx, func() { conn.Close() })
	err = conn.SetWriteDeadline(time.Now().Add(engineTimeout))
	if err == nil {
		_, err = conn.Write(resp.AppendCommand(nil, args...))
	}
	if err != nil {
		cancel()
		return nil, fmt.Errorf("upstash: the engine does not listen: %w", err)
	}
	return &topicEvents{conn: conn, r: bufio.NewReaderSize(conn, linkBuffer), cancel: cancel}, nil
}

// Next waits for a message; see rest.Events.
func (e *topicEvents) Next(wait time.Duration) (resp.Value, error) {
	if err := e.conn.SetReadDeadline(time.Now().Add(wait)); err != nil {
		return resp.Value{}, err
	}
	if _, err := e.r.Peek(1); errors.Is(err, os.ErrDeadlineExceeded) {
		return resp.Value{}, rest.ErrQuiet
	} else if err != nil {
		return resp.Value{}, err
	}
	if err := e.conn.SetReadDeadline(time.Now().Add(engineTimeout)); err != nil {
		return resp.Value{}, err
	}
	return resp.ReadValue(e.r, engineReply)
}

// Close ends the subscription.
func (e *topicEvents) Close() { e.cancel() }

// commandEvents are the lines of a monitor, after an OK.
type commandEvents struct {
	ctx     context.Context //nolint:containedctx // the stream's
	cancel  context.CancelFunc
	watch   *watcher
	greeted bool
	lines   [][]byte
}

func (b backend) listenToCommands(ctx context.Context) *commandEvents {
	ctx, cancel := b.untilClose(ctx)
	return &commandEvents{ctx: ctx, cancel: cancel, watch: b.monitors.add(nil)}
}

// Next waits for a command; see rest.Events.
func (e *commandEvents) Next(wait time.Duration) (resp.Value, error) {
	if !e.greeted {
		e.greeted = true
		return resp.OK(), nil
	}
	timeout := time.NewTimer(wait)
	defer timeout.Stop()
	for len(e.lines) == 0 {
		select {
		case <-e.watch.ready:
			e.lines = e.watch.take()
		case <-e.watch.ended:
			return resp.Value{}, rest.ErrBehind
		case <-e.ctx.Done():
			return resp.Value{}, context.Cause(e.ctx)
		case <-timeout.C:
			return resp.Value{}, rest.ErrQuiet
		}
	}
	line := e.lines[0]
	e.lines = e.lines[1:]
	return resp.Bulk(string(line)), nil
}

// Close ends the monitoring.
func (e *commandEvents) Close() {
	e.watch.remove()
	e.cancel()
}
