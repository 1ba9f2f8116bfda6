package engine_test

import (
	"bufio"
	"net"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// realRedis connects to a redis-server of this machine that runs for the test, or
// skips it.
func realRedis(t *testing.T) *client {
	binary, err := exec.LookPath("redis-server")
	if err != nil {
		t.Skip("no redis-server to compare with on this machine (Debian: apt-get install redis-server)")
	}
	dir := t.TempDir()
	socket := filepath.Join(dir, "redis")
	server := exec.Command(binary, "--port", "0", "--unixsocket", socket, "--dir", dir, "--save", "", "--appendonly", "no")
	require.NoError(t, server.Start())
	t.Cleanup(func() {
		_ = server.Process.Kill()
		_ = server.Wait()
	})
	var conn net.Conn
	require.Eventually(t, func() bool {
		conn, err = net.Dial("unix", socket)
		return err == nil
	}, 20*time.Second, 5*time.Millisecond)
	t.Cleanup(func() { conn.Close() })
	return &client{t: t, conn: conn, r: bufio.NewReader(conn)}
}
