package upstash_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"tollgate/fakes/upstash/engine"
)

// dataFull is Upstash's text, as an error on the wire.
func dataFull(threshold, usage int) string {
	return fmt.Sprintf("-ERR DB capacity quota exceeded. Threshold: %d bytes, Usage: %d bytes. "+
		"See https://upstash.com/docs/redis/troubleshooting/db_capacity_quota_exceeded for details", threshold, usage)
}

const recordFull = "-ERR max single record size exceeded"

// A full database takes no writes, but reads and deletions, until there is room.
func TestDataBytes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := settings(t)
		cfg.Plan.DataBytes = 1000
		f := start(t, cfg)
		c := login(t, f)
		for i := range 10 { // of 101 bytes each
			c.want("+OK", "SET", string(rune('a'+i)), strings.Repeat("x", 100))
		}
		full := dataFull(1000, 1010)
		c.want(full, "SET", "k", "v")
		c.want(full, "EVAL", "return 1", "0")
		c.want(":1", "EVAL_RO", "return 1", "0")
		c.want(":100", "STRLEN", "a")
		c.want("+OK", "MULTI")
		c.want(full, "SET", "k", "v")
		c.want("-EXECABORT Transaction discarded because of previous errors.", "EXEC")

		w := web(t, f)
		status, answer := post(t, w, f.RESTURL(), `["SET","k","v"]`)
		require.Equal(t, http.StatusBadRequest, status)
		require.JSONEq(t, `{"error":"`+full[1:]+`"}`, answer)
		status, answer = post(t, w, f.RESTURL()+"/multi-exec", `[["GET","k"],["SET","k","v"]]`)
		require.Equal(t, http.StatusBadRequest, status)
		require.JSONEq(t, `{"error":"`+full[1:]+`"}`, answer)
		require.EqualValues(t, 6, f.Ledger().Snapshot().Rejected)

		c.want(":1", "DEL", "a")
		c.want("+OK", "SET", "k", strings.Repeat("x", 200)) // 909 bytes are not more than 1000
		c.want(dataFull(1000, 1110), "SET", "k", "v")
		c.want(":1", "EXPIRE", "k", "3")
		time.Sleep(4 * time.Second)
		c.want("+OK", "SET", "k", "v")
	})
}

// What a script writes counts too, and so does what grows by more than was sent.
func TestDataBytesOfWhatGrowsByItself(t *testing.T) {
	for name, command := range map[string][]string{
		"script":      {"EVAL", `return redis.call("SETRANGE", "k", 5000, "x")`, "0"},
		"range":       {"SETRANGE", "k", "5000", "x"},
		"bit":         {"SETBIT", "k", "40000", "1"},
		"copy":        {"COPY", "half", "k"},
		"union":       {"SUNIONSTORE", "k", "members"},
		"hyperloglog": {"PFADD", "k", "x"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cfg := settings(t)
				cfg.Plan.DataBytes = 5000
				c := login(t, start(t, cfg))
				c.want("+OK", "SET", "half", strings.Repeat("x", 1700))
				c.want(":1", "SADD", "members", strings.Repeat("x", 1700))
				c.send(command...)
				line, err := c.r.ReadString('\n')
				require.NoError(t, err)
				require.Equal(t, ":", line[:1], line)
				c.send("SET", "another", "v")
				line, err = c.r.ReadString('\n')
				require.NoError(t, err)
				require.Contains(t, line, "-ERR DB capacity quota exceeded. Threshold: 5000 bytes, Usage: ")
			})
		})
	}
}

// A record that is too large takes no writes; all others do.
func TestMaxRecordBytes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := settings(t)
		cfg.Plan.MaxRecordBytes = 1000
		f := start(t, cfg)
		c := login(t, f)
		for i := range 10 { // 1004 bytes
			c.want(fmt.Sprintf(":%d", i+1), "RPUSH", "list", strings.Repeat("x", 100))
		}
		c.want(recordFull, "RPUSH", "list", "x")
		c.want(recordFull, "MSET", "k", "v", "list", "v")
		c.want("+OK", "SET", "k", "v")
		c.want(":1", "EVAL", `return redis.call("EXISTS", KEYS[1])`, "1", "list")
		c.want(":10", "LLEN", "list")
		status, answer := post(t, web(t, f), f.RESTURL(), `["RPUSH","list","x"]`)
		require.Equal(t, http.StatusBadRequest, status)
		require.JSONEq(t, `{"error":"`+recordFull[1:]+`"}`, answer)
		c.want("$100 | "+strings.Repeat("x", 100), "LPOP", "list")
		c.want(":10", "RPUSH", "list", "x")
		require.EqualValues(t, 3, f.Ledger().Snapshot().Rejected)
	})
}

// What an engine holds already counts from the start.
func TestDataBytesOfAnEngineThatIsNotEmpty(t *testing.T) {
	e := embedded(t)
	unlimited := settings(t)
	unlimited.Engine = e
	login(t, start(t, unlimited)).want("+OK", "SET", "old", strings.Repeat("x", 2000))
	cfg := settings(t)
	cfg.Engine, cfg.Plan.DataBytes = e, 1000
	login(t, start(t, cfg)).want(dataFull(1000, 2003), "SET", "k", "v")
}

// Many who write at once pass the limit by little, and all are stopped.
func TestDataBytesWithManyWriters(t *testing.T) {
	const limit, value = 1 << 20, 1 << 10
	cfg := settings(t)
	cfg.Plan.DataBytes, cfg.Engine = limit, embedded(t)
	f := start(t, cfg)
	var writers errgroup.Group
	for w := range 8 {
		c := login(t, f)
		writers.Go(func() error {
			for i := range 2 * limit / value {
				if _, err := fmt.Fprintf(c.conn, "SET %d:%d %s\r\n", w, i, strings.Repeat("x", value)); err != nil {
					return err
				}
				line, err := c.r.ReadString('\n')
				if err != nil || strings.HasPrefix(line, "-ERR DB capacity quota exceeded") {
					return err
				}
			}
			return errors.New("a writer was not stopped")
		})
	}
	require.NoError(t, writers.Wait())
	usage, err := cfg.Engine.(engine.Sizer).Usage(t.Context(), 0)
	require.NoError(t, err)
	require.Greater(t, usage.Bytes, int64(limit))
}
