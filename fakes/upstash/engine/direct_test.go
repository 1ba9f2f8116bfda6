package engine_test

import (
	"bufio"
	"io"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/fakes/upstash/engine"
	"tollgate/fakes/upstash/resp"
)

// caller runs commands by call.
type caller struct {
	t      *testing.T
	direct engine.Direct
	r      *bufio.Reader
}

func call(t *testing.T, e *engine.Embedded) caller {
	t.Helper()
	direct, err := e.Direct()
	require.NoError(t, err)
	return caller{t: t, direct: direct, r: bufio.NewReader(direct)}
}

func (c caller) run(line string) resp.Value {
	c.t.Helper()
	var words [][]byte
	for word := range strings.FieldsSeq(line) {
		words = append(words, []byte(word))
	}
	c.direct.Run(words)
	v, err := resp.ReadValue(c.r, resp.Limits{})
	require.NoError(c.t, err)
	_, err = c.r.Peek(1)
	require.ErrorIs(c.t, err, io.EOF, "one reply to each")
	return v
}

func TestDirect(t *testing.T) {
	e, err := engine.NewEmbedded()
	require.NoError(t, err)
	defer func() { require.NoError(t, e.Close()) }()
	c, other := call(t, e), call(t, e)
	require.NotEqual(t, c.direct.ID(), other.direct.ID())

	require.Equal(t, resp.OK(), c.run("set k v"))
	require.Equal(t, resp.Bulk("v"), other.run("GET k"))
	require.True(t, c.run("INCR k").IsError())

	require.Equal(t, resp.OK(), c.run("MULTI"))
	require.Equal(t, resp.Simple("QUEUED"), c.run("GET k"))
	require.Equal(t, resp.Bulk("v"), other.run("GET k"), "only one of them is queueing")
	require.Equal(t, resp.List(resp.Bulk("v")), c.run("EXEC"))

	large := strings.Repeat("x", 1<<20)
	require.Equal(t, resp.OK(), c.run("SET large "+large))
	require.Equal(t, resp.Bulk(large), c.run("GET large"))
	stats, err := e.Stats(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, 4, stats["GET"])
}

// The words belong to the caller, who uses them again.
func TestDirectKeepsNoWords(t *testing.T) {
	e, err := engine.NewEmbedded()
	require.NoError(t, err)
	defer func() { require.NoError(t, e.Close()) }()
	c := call(t, e)
	for _, size := range []int{1, 1000} {
		value := []byte(strings.Repeat("a", size))
		c.direct.Run([][]byte{[]byte("SET"), []byte("k"), value})
		_, err := resp.ReadValue(c.r, resp.Limits{})
		require.NoError(t, err)
		clear(value)
		require.Equal(t, strings.Repeat("a", size), c.run("GET k").Text())
	}
}

func TestDirectTellsOfScripts(t *testing.T) {
	e, err := engine.NewEmbedded()
	require.NoError(t, err)
	defer func() { require.NoError(t, e.Close()) }()
	type inner struct {
		conn uint64
		name string
	}
	var mu sync.Mutex
	var told []inner
	e.OnInner(func(conn uint64, _, name string, _ []string) {
		mu.Lock()
		defer mu.Unlock()
		told = append(told, inner{conn, name})
	})
	c := call(t, e)
	require.Equal(t, resp.Int(1), c.run("EVAL return(redis.call('INCR','n')) 0"))
	require.Equal(t, []inner{{c.direct.ID(), "INCR"}}, told)
}

func TestDirectAtOnce(t *testing.T) {
	e, err := engine.NewEmbedded()
	require.NoError(t, err)
	defer func() { require.NoError(t, e.Close()) }()
	var wg sync.WaitGroup
	for range 8 {
		c := call(t, e)
		wg.Go(func() {
			for range 100 {
				c.run("INCR n")
				c.run("EVAL return(redis.call('INCR','n')) 0")
			}
		})
	}
	wg.Wait()
	require.Equal(t, "1600", call(t, e).run("GET n").Text())
}

func TestDirectEnds(t *testing.T) {
	e, err := engine.NewEmbedded()
	require.NoError(t, err)
	require.NoError(t, e.Close())
	_, err = e.Direct()
	require.ErrorIs(t, err, engine.ErrClosed)
}
