package engine

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"tollgate/fakes/upstash/resp"
)

// wire is a connection on which the engine itself sends commands.
type wire struct {
	net.Conn
	remote   *Remote
	r        *bufio.Reader
	serverID int64 // the Redis's ID of the connection
}

// dialWire connects and logs in. A name is shown in CLIENT LIST.
func (r *Remote) dialWire(ctx context.Context, name string) (*wire, error) {
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	w, err := r.connect(ctx)
	if err == nil {
		if err = w.greet(ctx, name); err != nil {
			w.Close()
		}
	}
	if err != nil {
		return nil, unreachable(r.address, err)
	}
	return w, nil
}

func (r *Remote) connect(ctx context.Context) (*wire, error) {
	conn, err := r.dial(ctx, "tcp", r.address.hostPort())
	if err != nil {
		return nil, err
	}
	if r.address.tls {
		secure := tls.Client(conn, &tls.Config{RootCAs: r.roots, ServerName: r.address.host, MinVersion: tls.VersionTLS12})
		if err := secure.HandshakeContext(ctx); err != nil {
			conn.Close()
			return nil, err
		}
		conn = secure
	}
	return &wire{Conn: conn, remote: r, r: bufio.NewReader(conn)}, nil
}

// greet logs in and asks for the connection's ID. All that it sends is free at
// Upstash.
func (w *wire) greet(ctx context.Context, name string) error {
	if where := w.remote.address; where.password != "" {
		login := []string{"AUTH", where.user, where.password}
		if where.user == "" {
			login = []string{"AUTH", where.password}
		}
		if _, err := w.do(ctx, login...); err != nil {
			return err
		}
	}
	hello := []string{"HELLO"}
	if name != "" {
		hello = append(hello, "2", "SETNAME", name)
	}
	reply, err := w.do(ctx, hello...)
	if err != nil {
		return err
	}
	for i := 0; i+1 < len(reply.Array); i += 2 {
		if reply.Array[i].Text() == "id" {
			w.serverID = reply.Array[i+1].Int
		}
	}
	if w.serverID == 0 {
		return fmt.Errorf("HELLO was answered with %v, without an ID", reply)
	}
	return nil
}

// do sends a command and waits for its reply, as long as ctx lasts. A reply that
// is an error is a *replyError; after any other error the connection is of no more
// use.
func (w *wire) do(ctx context.Context, words ...string) (resp.Value, error) {
	w.remote.count(words[0], 1)
	deadline, _ := ctx.Deadline() // or none
	if err := w.SetDeadline(deadline); err != nil {
		return resp.Value{}, err
	}
	stop := context.AfterFunc(ctx, func() { _ = w.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	args := make([][]byte, len(words))
	for i, word := range words {
		args[i] = []byte(word)
	}
	if _, err := w.Write(resp.AppendCommand(nil, args...)); err != nil {
		return resp.Value{}, err
	}
	reply, err := resp.ReadValue(w.r, resp.Limits{})
	switch {
	case err != nil:
		return resp.Value{}, err
	case reply.IsError():
		return resp.Value{}, &replyError{command: words[0], text: reply.Text()}
	case !stop(): // and the connection gets its deadline now or later
		return resp.Value{}, context.Cause(ctx)
	}
	return reply, w.SetDeadline(time.Time{})
}

// replyError is an error that the Redis answered to a command of the engine's own.
type replyError struct{ command, text string }

func (e *replyError) Error() string { return fmt.Sprintf("%s was refused: %s", e.command, e.text) }

// is says whether the reply begins with one of the codes.
func (e *replyError) is(codes ...string) bool {
	code, _, _ := strings.Cut(e.text, " ")
	for _, c := range codes {
		if code == c {
			return true
		}
	}
	return false
}

// unreachable is err with what to do about it.
func unreachable(where address, err error) error {
	advice := "start a Redis there, or give another address"
	var refused *replyError
	switch {
	case !errors.As(err, &refused):
	case refused.is("NOAUTH", "WRONGPASS", "NOPERM") || refused.command == "AUTH":
		advice = "check the user and the password in its URL"
	default:
		advice = "it has to be a Redis of 6.2 or newer"
	}
	return &UnreachableError{Address: where.String(), Advice: advice, Err: err}
}
