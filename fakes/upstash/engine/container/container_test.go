package container_test

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/fakes/upstash/engine"
	"tollgate/fakes/upstash/engine/container"
)

// start starts a container, or skips the test where there can be none. Where
// TOLLGATE_REDIS_IMAGE is set there has to be one.
func start(t *testing.T) *container.Container {
	c, err := container.Start(t.Context(), container.Config{})
	if os.Getenv(container.ImageVariable) == "" && (errors.Is(err, container.ErrNoEngine) || errors.Is(err, container.ErrNoImage)) {
		t.Skip(err)
	}
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, c.Close()) })
	return c
}

func do(t *testing.T, conn net.Conn, line string) string {
	_, err := fmt.Fprintf(conn, "%s\r\n", line)
	require.NoError(t, err)
	reply, err := bufio.NewReader(conn).ReadString('\n')
	require.NoError(t, err)
	return strings.TrimSpace(reply)
}

func TestContainerIsAnEngine(t *testing.T) {
	c := start(t)
	require.NotEmpty(t, c.Image())
	var seen []string
	c.OnInner(func(_ uint64, _, name string, _ []string) { seen = append(seen, name) })
	c.OnGap(func(err error) { seen = append(seen, err.Error()) })
	conn, err := c.Dial(t.Context())
	require.NoError(t, err)
	defer conn.Close()
	require.Equal(t, "+OK", do(t, conn, "SET k v"))
	told := c.WatchScript(t.Context(), conn.(engine.Conn).ID())
	require.Equal(t, ":1", do(t, conn, `EVAL "return redis.call('DEL', 'k')" 0`))
	told()
	require.Equal(t, []string{"DEL"}, seen, "also through the container engine's address translation")
	stats, err := c.Stats(t.Context())
	require.NoError(t, err)
	require.Equal(t, map[string]int64{"SET": 1, "EVAL": 1, "DEL": 1}, stats)

	require.NoError(t, c.Close())
	require.NoError(t, c.Close(), "again")
	_, err = c.Dial(t.Context())
	require.ErrorIs(t, err, engine.ErrClosed)
}

func TestImageThatCannotBeHad(t *testing.T) {
	start(t)
	_, err := container.Start(t.Context(), container.Config{Image: "localhost:1/nobody/nothing:none"})
	require.ErrorIs(t, err, container.ErrNoImage)
	require.ErrorContains(t, err, "localhost:1/nobody/nothing:none")
	require.ErrorContains(t, err, "make redis-image")
	require.NotContains(t, err.Error(), "\n")
}

// testcontainers-go looks for a container engine once in the life of a process, so
// that a process of its own has to find none.
func TestWithoutAContainerEngine(t *testing.T) {
	if os.Getenv("TESTCONTAINERS_PROVIDER") == "nosuch" {
		c, err := container.Start(t.Context(), container.Config{})
		if err == nil {
			require.NoError(t, c.Close())
		}
		require.ErrorIs(t, err, container.ErrNoEngine)
		require.ErrorContains(t, err, "start Docker")
		require.NotContains(t, err.Error(), "\n")
		return
	}
	program, err := os.Executable()
	require.NoError(t, err)
	again := exec.CommandContext(t.Context(), program, "-test.run=^TestWithoutAContainerEngine$")
	again.Env = append(os.Environ(), "TESTCONTAINERS_PROVIDER=nosuch")
	output, err := again.CombinedOutput()
	require.NoError(t, err, string(output))
}
