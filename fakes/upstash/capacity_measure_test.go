package upstash

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/fakes/memnet"
	"tollgate/fakes/upstash/commands"
	"tollgate/fakes/upstash/engine"
)

// scale is what a capacity measures with: it says what it is told to.
type scale struct {
	usage engine.Usage
	err   error
	takes time.Duration
	times int
}

func (s *scale) measure() (engine.Usage, error) {
	s.times++
	time.Sleep(s.takes)
	return s.usage, s.err
}

// capacityOf holds data to that many bytes, by the scale.
func capacityOf(data int64, s *scale) (c *capacity, log *bytes.Buffer) {
	log = &bytes.Buffer{}
	c = &capacity{data: data, measure: s.measure, log: slog.New(slog.NewTextHandler(log, nil))}
	c.seen.Store(&measured{})
	return c, log
}

// write is a SET that growth takes for 1000 bytes.
func write(c *capacity) (refusal string) {
	args := [][]byte{[]byte("SET"), []byte("k"), bytes.Repeat([]byte("x"), 1000-3*wordBytes-4)}
	set, _ := commands.Lookup(args)
	return c.refuse(set, args)
}

func TestCapacityMeasuresOnlyWhenItMust(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &scale{usage: engine.Usage{Bytes: 4000}}
		c, _ := capacityOf(10_000, s)
		for range 11 { // the last finds that 11,000 bytes may be there
			require.Empty(t, write(c))
		}
		require.Zero(t, s.times)
		require.Empty(t, write(c))
		require.Equal(t, 1, s.times)
		for range 6 { // 4000 and 7 writes are 11,000
			require.Empty(t, write(c))
		}
		require.Equal(t, 1, s.times)
		s.usage.Bytes = 10_000
		require.Empty(t, write(c), "full, but not more than full")
		require.Equal(t, 2, s.times)
		s.usage.Bytes = 10_001
		require.Contains(t, write(c), "Threshold: 10000 bytes, Usage: 10001 bytes.")
		require.Equal(t, 3, s.times)
		for range 10 {
			require.NotEmpty(t, write(c))
		}
		require.Equal(t, 3, s.times, "a refusal stands for a second")
		s.usage.Bytes = 9999
		time.Sleep(easesAfter)
		require.Empty(t, write(c))
		require.Equal(t, 4, s.times)
	})
}

// Measuring takes no more than its share of the time; meanwhile the last result
// stands.
func TestCapacityMeasuresForNoMoreThanItsShare(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &scale{takes: time.Second, usage: engine.Usage{Bytes: 9500}}
		c, _ := capacityOf(10_000, s)
		began := time.Now()
		for time.Since(began) < 1000*time.Second {
			require.Empty(t, write(c))
			time.Sleep(100 * time.Millisecond)
		}
		require.InDelta(t, 1000/(1+measureShare), s.times, 2)
		s.usage.Bytes = 10_001
		time.Sleep(measureShare * time.Second)
		require.NotEmpty(t, write(c))
	})
}

// What cannot be measured is not limited, and that is said.
func TestCapacityOfAnEngineThatCannotBeMeasured(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &scale{err: errors.New("no scale")}
		c, log := capacityOf(10_000, s)
		for range 20 {
			require.Empty(t, write(c))
		}
		require.Contains(t, log.String(), "the size of the data is not known")
		require.Equal(t, 1, s.times, "it is not asked with every write")
		s.err, s.usage.Bytes = nil, 10_001
		require.Empty(t, write(c))
		time.Sleep(measureShare * minTrouble)
		require.NotEmpty(t, write(c), "once it can")
	})
}

// What is written while it is measured may not be in the result, so it still counts.
func TestCapacityCountsWhatIsWrittenMeanwhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // where measuring takes no time
		c, _ := capacityOf(10_000, nil)
		times := 0
		c.measure = func() (engine.Usage, error) {
			if times++; times == 1 {
				for range 8 {
					require.Empty(t, write(c))
				}
				return engine.Usage{Bytes: 2000}, nil
			}
			return engine.Usage{Bytes: 10_001}, nil
		}
		c.added.Store(11_000)
		require.Empty(t, write(c)) // 2000 and 9 writes are 11,000
		require.NotEmpty(t, write(c))
	})
}

func TestGrowthOfARestoredValue(t *testing.T) {
	dump := []byte(strings.Repeat("x", 1000))
	args := [][]byte{[]byte("RESTORE"), []byte("k"), []byte("0"), dump}
	require.GreaterOrEqual(t, growth("RESTORE", args, 0), int64(100_000))
}

// An engine that costs commands to measure is measured only if that is asked for.
func TestCapacityOfAnEngineThatDoesNotMeasureItself(t *testing.T) {
	embedded, err := engine.NewEmbedded()
	require.NoError(t, err)
	defer embedded.Close()
	var log bytes.Buffer
	cfg := Config{Engine: struct{ engine.Engine }{embedded}, Plan: Plan{DataBytes: 1}, Logger: slog.New(slog.NewTextHandler(&log, nil))}
	require.Nil(t, newCapacity(t.Context(), t.Context(), cfg))
	require.Equal(t, 1, strings.Count(log.String(), "limits of data and records are not kept"), log.String())
	stats, err := embedded.Stats(t.Context())
	require.NoError(t, err)
	require.Empty(t, stats)

	cfg.MeasureEngine = true
	log.Reset()
	require.NotNil(t, newCapacity(t.Context(), t.Context(), cfg))
	require.Empty(t, log.String())
	stats, err = embedded.Stats(t.Context())
	require.NoError(t, err)
	require.Positive(t, stats["SCAN"])
}

// deaf is an engine that nobody gets through to.
type deaf struct{ engine.Engine }

func (deaf) Dial(ctx context.Context) (net.Conn, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func (deaf) OnInner(func(uint64, string, string, []string)) {}

// An engine that does not let itself be measured holds up no start beyond its time.
func TestStartEndsWithItsContextThoughItMeasures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := memnet.New()
		defer network.Close()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		began := time.Now()
		_, err := Start(ctx, Config{
			Network: network, RESPAddr: "127.0.0.1:0", Engine: deaf{}, Plan: Plan{DataBytes: 1}, MeasureEngine: true,
		})
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Equal(t, time.Second, time.Since(began))
	})
}
