package tcpredis_test

import (
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/redis/go-redis/v9/logging"
	"github.com/stretchr/testify/require"

	"tollgate/system/tcpredis"
)

// lockedBuilder is a log that go-redis' goroutines may write to.
type lockedBuilder struct {
	mu   sync.Mutex
	text strings.Builder
}

func (b *lockedBuilder) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *lockedBuilder) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

func TestGoRedisLogsToSlog(t *testing.T) {
	t.Cleanup(logging.Enable)
	log := &lockedBuilder{}
	tcpredis.LogTo(slog.New(slog.NewTextHandler(log, nil)))
	s := newRedisServer(t)
	s.setRefuse(errors.New("no route"))
	client := s.client(t, func(c *tcpredis.Config) { c.Password, c.MaxRetries = "s3cret", -1 })
	require.Error(t, tcpredis.NewStore(client).Ping(t.Context()))
	require.Contains(t, log.String(), "level=WARN")
	require.Contains(t, log.String(), "failed to dial")
	require.NotContains(t, log.String(), "s3cret")
}
