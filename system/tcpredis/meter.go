package tcpredis

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"sync/atomic"

	"github.com/redis/go-redis/v9"
)

// Stats counts what a client did since it was made.
type Stats struct {
	Requests      int64 // commands and pipelines asked for
	Retries       int64 // attempts beyond the first, whatever came of them
	NetworkErrors int64 // attempts that failed at the network: dial, EOF, reset, timeout, connection limit
}

// StatsOf returns the counts of a client made by New, its handshakes included,
// and false for any other client. Subscriptions are not counted.
func StatsOf(client redis.UniversalClient) (Stats, bool) {
	holder, ok := client.(interface{ Options() *redis.Options })
	if !ok {
		return Stats{}, false
	}
	m, ok := holder.Options().Limiter.(*meter)
	if !ok {
		return Stats{}, false
	}
	return m.stats(), true
}

// meter counts operations as a go-redis hook and attempts as its limiter, which
// is the one place that go-redis tells of attempts that a retry made good.
type meter struct {
	operations, attempts, networkErrors atomic.Int64
}

func (m *meter) stats() Stats {
	attempts := m.attempts.Load() // before operations, which lead
	operations := m.operations.Load()
	return Stats{Requests: operations, Retries: max(0, attempts-operations), NetworkErrors: m.networkErrors.Load()}
}

// Allow implements redis.Limiter: it counts the attempt and allows it.
func (m *meter) Allow() error {
	m.attempts.Add(1)
	return nil
}

// ReportResult implements redis.Limiter.
func (m *meter) ReportResult(err error) {
	if isNetwork(err) {
		m.networkErrors.Add(1)
	}
}

// DialHook implements redis.Hook.
func (m *meter) DialHook(next redis.DialHook) redis.DialHook { return next }

// ProcessHook implements redis.Hook.
func (m *meter) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		m.operations.Add(1)
		return next(ctx, cmd)
	}
}

// ProcessPipelineHook implements redis.Hook.
func (m *meter) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		m.operations.Add(1)
		return next(ctx, cmds)
	}
}

// dialError marks err as a failure to connect in the way go-redis knows: such
// an attempt never reached the server and may be repeated.
func dialError(network string, err error) error {
	var op *net.OpError
	if errors.As(err, &op) && op.Op == "dial" {
		return err
	}
	return &net.OpError{Op: "dial", Net: network, Err: err}
}

// connectionLimit are the errors of a server that takes no more connections:
// Upstash's own text and that of open-source Redis.
var connectionLimit = []string{"max concurrent connections exceeded", "max number of clients reached"}

// isNetwork reports whether err is a failure of the connection, not an answer
// of the server and not the caller's change of mind.
func isNetwork(err error) bool {
	if err == nil || errors.Is(err, context.Canceled) {
		return false
	}
	var answer redis.Error
	if errors.As(err, &answer) { // redis.Nil too
		for _, text := range connectionLimit {
			if strings.Contains(answer.Error(), text) {
				return true
			}
		}
		return false
	}
	var network net.Error
	return errors.As(err, &network) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, context.DeadlineExceeded) || errors.Is(err, redis.ErrPoolTimeout)
}
