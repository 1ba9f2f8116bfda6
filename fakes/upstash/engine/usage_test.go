package engine_test

import (
	"context"
	"io"
	"net"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/fakes/memnet"
	"tollgate/fakes/upstash/engine"
)

func TestUsageOfEmbedded(t *testing.T) {
	rows := map[string]struct {
		command []string
		bytes   int64
	}{
		"string":      {[]string{"SET", "key", "12345"}, 3 + 5},
		"hash":        {[]string{"HSET", "key", "f", "12", "g", "345"}, 3 + 1 + 2 + 1 + 3},
		"list":        {[]string{"RPUSH", "key", "a", "bc"}, 3 + 1 + 2},
		"set":         {[]string{"SADD", "key", "a", "bc"}, 3 + 1 + 2},
		"sorted set":  {[]string{"ZADD", "key", "1", "a", "2", "bc"}, 3 + 8 + 1 + 8 + 2},
		"stream":      {[]string{"XADD", "key", "1-1", "f", "12"}, 3 + 3 + 1 + 2},
		"hyperloglog": {[]string{"PFADD", "key", "a"}, 3 + 12304},
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			e := start(t)
			usage, err := e.Usage(t.Context(), 0)
			require.NoError(t, err)
			require.Equal(t, engine.Usage{}, usage, "empty")
			c := dial(t, e)
			require.NotContains(t, c.do(row.command...), "ERR")
			usage, err = e.Usage(t.Context(), 0)
			require.NoError(t, err)
			require.Equal(t, engine.Usage{Bytes: row.bytes, Largest: row.bytes}, usage)
			usage, err = e.Usage(t.Context(), row.bytes-1)
			require.NoError(t, err)
			require.Equal(t, engine.Usage{Bytes: row.bytes, Over: map[string]bool{"key": true}}, usage)
		})
	}
}

// What has expired is no more, though no command came since.
func TestUsageWithoutWhatExpired(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := start(t)
		c := dial(t, e)
		c.do("SET", "gone", "v", "EX", "1")
		c.do("SET", "k", "v")
		time.Sleep(2 * time.Second)
		usage, err := e.Usage(t.Context(), 0)
		require.NoError(t, err)
		require.EqualValues(t, 2, usage.Bytes)
	})
}

// plainEngine hides that an engine can measure itself.
type plainEngine struct{ engine.Engine }

func TestMeasureAsksAnEngineThatIsNoSizer(t *testing.T) {
	e := plainEngine{start(t)}
	usage, err := engine.Measure(t.Context(), e, 0)
	require.NoError(t, err)
	require.Equal(t, engine.Usage{}, usage, "empty")
	c := dial(t, e)
	c.do("SET", "small", "v")
	c.do("SET", "large", string(make([]byte, 10_000)))
	usage, err = engine.Measure(t.Context(), e, 5_000)
	require.NoError(t, err)
	require.Equal(t, map[string]bool{"large": true}, usage.Over)
	require.Greater(t, usage.Bytes, int64(10_000))
	require.Less(t, usage.Largest, int64(1_000))
}

// cannedEngine says what it is told to, whatever it is asked, and then nothing.
type cannedEngine struct {
	engine.Engine
	replies string
}

func (e cannedEngine) Dial(context.Context) (net.Conn, error) {
	client, server := memnet.Pipe(1 << 20)
	_, err := io.WriteString(server, e.replies)
	return client, err
}

func TestMeasureGoesThroughAllPages(t *testing.T) {
	e := cannedEngine{replies: "*2\r\n$2\r\n17\r\n*2\r\n$1\r\na\r\n$1\r\nb\r\n:10\r\n:300\r\n" +
		"*2\r\n$1\r\n5\r\n*0\r\n" +
		"*2\r\n$1\r\n0\r\n*2\r\n$1\r\nc\r\n$1\r\nd\r\n:20\r\n$-1\r\n"}
	usage, err := engine.Measure(t.Context(), e, 100)
	require.NoError(t, err)
	require.Equal(t, engine.Usage{Bytes: 330, Largest: 20, Over: map[string]bool{"b": true}}, usage)
}

func TestMeasureSaysWhatTheEngineSays(t *testing.T) {
	_, err := engine.Measure(t.Context(), cannedEngine{replies: "-NOPERM no scanning\r\n"}, 0)
	require.EqualError(t, err, "engine: measure the data: the engine answers: NOPERM no scanning")
}

func TestMeasureEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		began := time.Now()
		_, err := engine.Measure(ctx, cannedEngine{}, 0)
		require.Error(t, err)
		require.Equal(t, time.Second, time.Since(began))
	})
}

func BenchmarkUsage(b *testing.B) {
	e := start(b)
	c := dial(b, e)
	for i := range 10_000 {
		c.do("SET", strconv.Itoa(i), "twelve bytes")
	}
	for b.Loop() {
		_, _ = e.Usage(b.Context(), 0)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/10_000, "ns/key")
}
