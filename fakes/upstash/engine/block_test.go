package engine_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/fakes/upstash/engine"
	"tollgate/fakes/upstash/resp"
)

// inBubble runs f with an engine in a bubble.
func inBubble(t *testing.T, f func(t *testing.T, e *engine.Embedded)) {
	synctest.Test(t, func(t *testing.T) {
		e, err := engine.NewEmbedded()
		require.NoError(t, err)
		f(t, e)
		require.NoError(t, e.Close())
	})
}

func (c *client) next() string {
	c.t.Helper()
	v, err := resp.ReadValue(c.r, resp.Limits{})
	require.NoError(c.t, err)
	return v.String()
}

func TestBLMPopWaits(t *testing.T) {
	inBubble(t, func(t *testing.T, e *engine.Embedded) {
		c, other := dial(t, e), dial(t, e)
		c.send("BLMPOP", "0", "2", "k", "l", "RIGHT", "COUNT", "2")
		c.send("PING")
		time.Sleep(time.Minute)
		require.Equal(t, ":3", other.do("RPUSH", "l", "a", "b", "c"))
		require.Equal(t, `*[$"l" *[$"c" $"b"]]`, c.next())
		require.Equal(t, `+"PONG"`, c.next())
		require.Equal(t, `*[$"a"]`, other.do("LRANGE", "l", "0", "-1"))
	})
}

func TestBLMPopTimesOut(t *testing.T) {
	inBubble(t, func(t *testing.T, e *engine.Embedded) {
		c := dial(t, e)
		before := time.Now()
		require.Equal(t, "_", c.do("BLMPOP", "1.5", "1", "k", "LEFT"))
		require.Equal(t, 1500*time.Millisecond, time.Since(before))
	})
}

func TestBLMPopOfAClientThatLeftTakesNothing(t *testing.T) {
	inBubble(t, func(t *testing.T, e *engine.Embedded) {
		gone, c := dial(t, e), dial(t, e)
		gone.send("BLMPOP", "0", "1", "l", "LEFT")
		synctest.Wait()
		require.NoError(t, gone.conn.Close())
		time.Sleep(time.Second)
		require.Equal(t, ":1", c.do("RPUSH", "l", "a"))
		require.Equal(t, ":1", c.do("LLEN", "l"))
	})
}

func TestBLMPopEndsWithTheEngine(t *testing.T) {
	inBubble(t, func(t *testing.T, e *engine.Embedded) {
		dial(t, e).send("BLMPOP", "0", "1", "l", "LEFT")
		synctest.Wait()
	})
}
