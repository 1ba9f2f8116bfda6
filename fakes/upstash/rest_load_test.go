package upstash_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/fakes/memnet"
	"tollgate/fakes/upstash/engine"
)

// dialOnly is an engine that is reached over connections only.
type dialOnly struct{ engine.Engine }

// overConnections is an embedded engine that cannot be called.
func overConnections(t testing.TB) engine.Engine {
	embedded, err := engine.NewEmbedded()
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, embedded.Close()) })
	return dialOnly{embedded}
}

func TestRESTOverEngineConnections(t *testing.T) {
	cfg := settings(t)
	cfg.Engine = overConnections(t)
	f := start(t, cfg)
	c := web(t, f)
	_, answer := post(t, c, f.RESTURL()+"/pipeline", `[["SET","k","v"],["INFO","none"],["INCR","k"],["EVAL","return redis.call('GET','k')",0]]`)
	require.JSONEq(t, `[{"result":"OK"},{"result":"# None\r\n"},{"error":"ERR value is not an int or out of range"},{"result":"v"}]`, answer)
	_, answer = post(t, c, f.RESTURL()+"/multi-exec", `[["SET","k","w"],["INFO","none"],["INCR","k"],["GET","k"]]`)
	require.JSONEq(t, `[{"result":"OK"},{"result":"# None\r\n"},{"error":"ERR value is not an int or out of range"},{"result":"w"}]`, answer)
	require.EqualValues(t, 1, f.Ledger().Snapshot().Total.Inner)
}

// A pipeline may have as many commands as fit into a request.
func TestRESTLongPipeline(t *testing.T) {
	const commands = 100_000
	for name, eng := range map[string]engine.Engine{"by call": nil, "over connections": overConnections(t)} {
		t.Run(name, func(t *testing.T) {
			cfg := settings(t)
			cfg.Engine = eng
			f := start(t, cfg)
			_, answer := post(t, web(t, f), f.RESTURL()+"/pipeline", "["+strings.Repeat(`["INCR","n"],`, commands-1)+`["GET","n"]]`)
			var replies []struct{ Result any }
			require.NoError(t, json.Unmarshal([]byte(answer), &replies))
			require.Len(t, replies, commands)
			require.Equal(t, fmt.Sprint(commands-1), replies[commands-1].Result)
			require.EqualValues(t, commands, f.Ledger().Snapshot().Total.Billed)
		})
	}
}

// Results are measured one by one in a transaction too.
func TestRESTTransactionWithAResultThatIsTooLarge(t *testing.T) {
	cfg := settings(t)
	cfg.Plan.MaxRequestBytes = 1000
	f := start(t, cfg)
	c := web(t, f)
	_, answer := post(t, c, f.RESTURL(), `["MSET","a","`+strings.Repeat("x", 600)+`","b","y"]`)
	require.JSONEq(t, `{"result":"OK"}`, answer)
	status, answer := post(t, c, f.RESTURL()+"/multi-exec", `[["MGET","a","a"],["GET","b"],["MGET","a","b"]]`)
	require.Equal(t, http.StatusOK, status)
	require.JSONEq(t, `[{"error":"ERR max request size exceeded. Limit: 1000 bytes, Actual: 1200 bytes. See `+
		`https://upstash.com/docs/redis/troubleshooting/max_request_size_exceeded for details"},{"result":"y"},`+
		`{"result":["`+strings.Repeat("x", 600)+`","y"]}]`, answer)
}

// live is how many bytes are in use.
func live() int64 {
	var stats runtime.MemStats
	runtime.GC()
	runtime.GC() // what pools held
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc)
}

// begin asks for something large and reads the first bytes of the answer; the rest waits for the reader.
func begin(t *testing.T, f fake, body string) io.ReadCloser {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, f.RESTURL()+"/pipeline", strings.NewReader(body))
	require.NoError(t, err)
	request.Header.Set("Authorization", "Bearer "+token)
	response, err := web(t, f).Do(request)
	require.NoError(t, err)
	_, err = io.ReadFull(response.Body, make([]byte, 1000))
	require.NoError(t, err)
	return response.Body
}

// What is answered is in memory once, besides the data itself.
func TestRESTHoldsALargeAnswerOnce(t *testing.T) {
	const size = 64 << 20
	for name, tc := range map[string]struct {
		fill string
		size int
		ask  string
	}{
		"a string": {`["SET","k",%q]`, size, `[["GET","k"]]`},
		"a list":   {`["EVAL","for i = 1, 65536 do redis.call('RPUSH', 'k', '%s') end",0]`, size / 65536, `[["LRANGE","k",0,-1]]`},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := settings(t)
			cfg.Plan.MaxRequestBytes = 2 * size
			f := start(t, cfg)
			status, _ := post(t, web(t, f), f.RESTURL(), fmt.Sprintf(tc.fill, strings.Repeat("v", tc.size)))
			require.Equal(t, http.StatusOK, status)

			before := live()
			answer := begin(t, f, tc.ask)
			added := live() - before
			require.Less(t, added, int64(size+size/4), "once, and a quarter for all else")
			n, err := io.Copy(io.Discard, answer)
			require.NoError(t, err)
			require.Greater(t, n+1000, int64(size))
			require.NoError(t, answer.Close())
		})
	}
}

// Of many answers that are large together only some are held at a time.
func TestRESTHoldsLittleOfALongAnswer(t *testing.T) {
	f := start(t, settings(t))
	status, _ := post(t, web(t, f), f.RESTURL()+"/set/k", strings.Repeat("v", 1<<20))
	require.Equal(t, http.StatusOK, status)
	before := live()
	answer := begin(t, f, "["+strings.Repeat(`["GET","k"],`, 199)+`["PING"]]`)
	require.Less(t, live()-before, int64(8<<20), "of 199 MiB")
	n, err := io.Copy(io.Discard, answer)
	require.NoError(t, err)
	require.Greater(t, n, int64(199<<20))
	require.NoError(t, answer.Close())
}

// Clients that do not read their answers hold up nobody, and not for ever.
func TestRESTSlowReaders(t *testing.T) {
	const readers = 40 // more than there are connections to the engine
	synctest.Test(t, func(t *testing.T) {
		cfg := settings(t)
		embedded, err := engine.NewEmbedded()
		require.NoError(t, err)
		cfg.Engine = dialOnly{embedded}
		f := start(t, cfg)
		t.Cleanup(func() { require.NoError(t, embedded.Close()) })
		c := web(t, f)
		status, _ := post(t, c, f.RESTURL()+"/set/k", strings.Repeat("v", 1<<20))
		require.Equal(t, http.StatusOK, status)

		body := "[" + strings.Repeat(`["GET","k"],`, 20) + `["PING"]]`
		conns := make([]net.Conn, readers)
		for i := range conns {
			conns[i], err = f.network.DialContext(t.Context(), "tcp", strings.TrimPrefix(f.RESTURL(), "http://"))
			require.NoError(t, err)
			defer conns[i].Close()
			_, err = fmt.Fprintf(conns[i], "POST /pipeline HTTP/1.1\r\nHost: fake\r\nAuthorization: Bearer %s\r\nContent-Length: %d\r\n\r\n%s", token, len(body), body)
			require.NoError(t, err)
		}
		synctest.Wait() // all of them are stuck
		status, _ = post(t, c, f.RESTURL(), `["PING"]`)
		require.Equal(t, http.StatusOK, status)

		time.Sleep(time.Minute + time.Second)
		synctest.Wait()
		for _, conn := range conns {
			n, _ := io.Copy(io.Discard, conn)
			require.Less(t, n, int64(1<<20), "it was cut off")
		}
		require.EqualValues(t, 1, f.Ledger().Snapshot().RESTConnections.Open)
	})
}

// silent is an engine that takes commands and never answers.
type silent struct{ engine.Engine }

type silentConn struct{ net.Conn }

func (silentConn) ID() uint64 { return 1 }

func (silent) Dial(context.Context) (net.Conn, error) {
	client, server := memnet.Pipe(1 << 20)
	go func() {
		_, _ = io.Copy(io.Discard, server)
		server.Close()
	}()
	return silentConn{client}, nil
}

func TestRESTEngineThatDoesNotAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		embedded, err := engine.NewEmbedded()
		require.NoError(t, err)
		cfg := settings(t)
		cfg.Engine = silent{embedded}
		f := start(t, cfg)
		t.Cleanup(func() { require.NoError(t, embedded.Close()) })
		began := time.Now()
		answers := make(chan string)
		for range 17 {
			go func() {
				_, answer, err := send(context.Background(), web(t, f), f.RESTURL(), `["GET","k"]`)
				answers <- answer + fmt.Sprint(err)
			}()
		}
		for range 17 {
			require.Contains(t, <-answers, "ERR the engine behind this server failed")
		}
		require.LessOrEqual(t, time.Since(began), time.Minute)
	})
}

func TestRESTClientsThatLeaveABusyEngine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		embedded, err := engine.NewEmbedded()
		require.NoError(t, err)
		cfg := settings(t)
		cfg.Engine = silent{embedded}
		f := start(t, cfg)
		t.Cleanup(func() { require.NoError(t, embedded.Close()) })
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		done := make(chan error)
		for range 16 {
			go func() {
				_, _, err := send(ctx, web(t, f), f.RESTURL(), `["GET","k"]`)
				done <- err
			}()
		}
		synctest.Wait()
		go func() {
			_, _, err := send(ctx, web(t, f), f.RESTURL(), `["GET","k"]`)
			done <- err
		}()
		synctest.Wait()
		cancel() // all clients leave, and so does the one that waits
		for range 17 {
			require.ErrorIs(t, <-done, context.Canceled)
		}
	})
}
