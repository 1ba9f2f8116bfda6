package upstash_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/fakes/upstash/resp"
)

const tooLarge = "ERR max request size exceeded. Limit: 1000 bytes, Actual: 1998 bytes. " +
	"See https://upstash.com/docs/redis/troubleshooting/max_request_size_exceeded for details"

func TestMaxResultBytes(t *testing.T) {
	cfg := settings(t)
	cfg.Plan.MaxRequestBytes = 1000
	f := start(t, cfg)
	c, part := login(t, f), strings.Repeat("x", 990)
	c.want(":990", "APPEND", "a", part)
	c.want("$990 | "+part, "GET", "a")
	c.want(":999", "APPEND", "a", strings.Repeat("y", 9))
	c.want("-"+tooLarge, "MGET", "a", "a")
	c.want(":1005", "APPEND", "a", "123456")
	c.want("-"+strings.Replace(tooLarge, "1998", "1005", 1), "GET", "a")
	c.want("+PONG", "PING")

	w := web(t, f)
	status, answer := post(t, w, f.RESTURL(), `["GET","a"]`)
	require.Equal(t, http.StatusBadRequest, status)
	require.JSONEq(t, `{"error":"`+strings.Replace(tooLarge, "1998", "1005", 1)+`"}`, answer)
	status, answer = post(t, w, f.RESTURL()+"/pipeline", `[["GETRANGE","a",0,998],["GETRANGE","a",0,998],["STRLEN","a"]]`)
	require.Equal(t, http.StatusOK, status, "the limit is of one result, not of a pipeline")
	require.Contains(t, answer, `{"result":1005}`)
	require.NotContains(t, answer, "ERR")
}

func TestMaxKeyBytes(t *testing.T) {
	f := start(t, settings(t))
	c := login(t, f)
	longest := strings.Repeat("k", 32768)
	const text = "ERR max key size exceeded. Limit: 32768 bytes, Actual: 32769 bytes"
	c.want("+OK", "SET", longest, "v")
	c.want("-"+text, "SET", longest+"k", "v")
	c.want("-"+text, "MGET", "a", longest+"k")
	c.want("+OK", "SET", "k", longest+"k") // a value may be longer
	_, answer := post(t, web(t, f), f.RESTURL(), `["GET","`+longest+`k"]`)
	require.JSONEq(t, `{"error":"`+text+`"}`, answer)
	s := f.Ledger().Snapshot()
	require.EqualValues(t, 3, s.Rejected)
	require.EqualValues(t, 2, s.Total.Billed)
}

// A second's commands run at once, the others as fast as the plan allows; none is
// refused.
func TestCommandsPerSecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := settings(t)
		cfg.Plan.CommandsPerSecond = 100
		f := start(t, cfg)
		c := login(t, f)
		began := time.Now()
		var all []byte
		for range 250 {
			all = resp.AppendCommand(all, []byte("INCR"), []byte("n"))
		}
		go func() { _, _ = c.conn.Write(all) }()
		line := func(n int) {
			for range n {
				_, err := c.r.ReadString('\n')
				require.NoError(t, err)
			}
		}
		line(100)
		require.Zero(t, time.Since(began), "one second's burst")
		line(1)
		require.Equal(t, 10*time.Millisecond, time.Since(began))
		line(149)
		require.Equal(t, 1500*time.Millisecond, time.Since(began))

		time.Sleep(time.Hour) // no more than a second's worth is saved up
		began = time.Now()
		status, answer := post(t, web(t, f), f.RESTURL()+"/pipeline", "["+strings.Repeat(`["INCR","n"],`, 299)+`["INCR","n"]]`)
		require.Equal(t, http.StatusOK, status)
		require.Contains(t, answer, `{"result":550}]`)
		require.Equal(t, 2*time.Second, time.Since(began))
		c.want(":551", "INCR", "n")
		require.Equal(t, 2010*time.Millisecond, time.Since(began), "both doors share")
		require.Zero(t, f.Ledger().Snapshot().Rejected)
	})
}

// Nobody waits for a client that is throttled when the server closes.
func TestCloseEndsThrottledClients(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := settings(t)
		cfg.Plan.CommandsPerSecond = 1
		f := start(t, cfg)
		c := login(t, f)
		c.want("$-1", "GET", "k")
		began := time.Now()
		c.send("GET", "k")
		synctest.Wait()
		require.NoError(t, f.Close())
		c.ended()
		require.Zero(t, time.Since(began))
	})
}
