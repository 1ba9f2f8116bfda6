package redisserver

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func start(t *testing.T, args ...string) *Server {
	s, err := Start(t.Context(), Config{Args: args})
	if err == ErrNotInstalled { //nolint:errorlint // it is returned as it is
		t.Skip(err)
	}
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Stop()) })
	return s
}

// do sends an inline command and returns the first line of its reply.
func do(t *testing.T, s *Server, command string) string {
	conn, err := net.Dial("tcp", s.Addr())
	require.NoError(t, err)
	defer conn.Close()
	_, err = fmt.Fprintf(conn, "%s\r\n", command)
	require.NoError(t, err)
	line, err := bufio.NewReader(conn).ReadString('\n')
	require.NoError(t, err)
	return strings.TrimSpace(line)
}

func TestRestartKeepsOrLosesData(t *testing.T) {
	s := start(t)
	addr := s.Addr()
	require.Equal(t, "+OK", do(t, s, "SET k v"))
	require.NoError(t, s.Restart(t.Context(), true))
	require.Equal(t, addr, s.Addr())
	require.Equal(t, ":1", do(t, s, "EXISTS k"))
	require.NoError(t, s.Restart(t.Context(), false))
	require.Equal(t, ":0", do(t, s, "EXISTS k"))
}

func TestStopLeavesNothing(t *testing.T) {
	s := start(t)
	require.Equal(t, "+PONG", do(t, s, "PING"))
	require.NoError(t, s.Stop())
	require.NoError(t, s.Stop(), "again")
	require.NoDirExists(t, s.dir)
	_, err := net.Dial("tcp", s.Addr())
	require.Error(t, err)
	require.ErrorContains(t, s.Restart(t.Context(), true), "it was stopped")
}

func TestTwoServersDoNotMeet(t *testing.T) {
	a, b := start(t), start(t, "--requirepass", "secret")
	require.NotEqual(t, a.Addr(), b.Addr())
	require.Equal(t, "+PONG", do(t, a, "PING"))
	require.Contains(t, do(t, b, "PING"), "-NOAUTH")
}

func TestStartSaysWhatRedisSays(t *testing.T) {
	start(t) // skips where there is none
	_, err := Start(t.Context(), Config{Args: []string{"--no-such-setting", "1"}})
	require.ErrorContains(t, err, "no-such-setting")
}

func TestStartEndsWithItsContext(t *testing.T) {
	start(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := Start(ctx, Config{})
	require.ErrorIs(t, err, context.Canceled)
}

func TestStartWithoutTheBinary(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	_, err := Start(t.Context(), Config{})
	require.ErrorIs(t, err, ErrNotInstalled)
}
