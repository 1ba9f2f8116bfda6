package upstash_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/fakes/upstash"
	"tollgate/fakes/upstash/ledger"
)

// shown takes time and address off a line of MONITOR.
func shown(t testing.TB, line string) string {
	t.Helper()
	parts := regexp.MustCompile(`^\d+\.\d{6} \[0 (lua|\S+:\d+)\] (.*)$`).FindStringSubmatch(line)
	require.NotNil(t, parts, line)
	if parts[1] == "lua" || parts[1] == "0.0.0.0:0" {
		return parts[1] + " " + parts[2]
	}
	return parts[2]
}

// watched wants lines of a monitor.
func (w *wire) watched(want ...string) {
	w.t.Helper()
	for _, line := range want {
		got, err := w.r.ReadString('\n')
		require.NoError(w.t, err)
		require.Equal(w.t, "+", got[:1])
		require.Equal(w.t, line, shown(w.t, strings.TrimSuffix(got[1:], "\r\n")))
	}
}

func TestMonitorShowsBothDoors(t *testing.T) {
	f := start(t, settings(t))
	m, c := login(t, f), login(t, f)
	m.want("+OK", "MONITOR")
	c.want("+OK", "set", "k", "a \"b\"\\\n\r\t\a\b\x00\xff~")
	m.watched(`"set" "k" "a \"b\"\\\n\r\t\a\b\x00\xff~"`)
	c.want(":1", "EVAL", `return redis.call("incr", KEYS[1])`, "1", "n")
	m.watched(`"EVAL" "return redis.call(\"incr\", KEYS[1])" "1" "n"`, `lua "INCR" "n"`)
	c.want("-NOPROTO unsupported protocol version", "HELLO", "9", "AUTH", "default", password)
	c.want("+OK", "AUTH", "default", password)
	c.send("hello", "2", "AUTH", "default", password)
	m.watched(`"AUTH"`, `"HELLO"`)
	_, _ = post(t, web(t, f), f.RESTURL()+"/multi-exec", `[["GET","k"],["INCR","n"]]`)
	_, _ = post(t, web(t, f), f.RESTURL(), `["GET","k"]`)
	m.watched(`0.0.0.0:0 "GET" "k"`, `0.0.0.0:0 "INCR" "n"`, `0.0.0.0:0 "GET" "k"`)

	second := login(t, f)
	m.watched(`"AUTH"`)
	second.want("+OK", "MONITOR")
	m.watched(`"MONITOR"`)
	require.Equal(t, ledger.Counts{Wire: 2, Billed: 2}, f.Ledger().Snapshot().ByCommand["MONITOR"])
	require.Zero(t, f.Ledger().Snapshot().Unsupported)
}

func TestMonitorTellsWhoAndWhen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t, settings(t))
		m, c := login(t, f), login(t, f)
		m.want("+OK", "MONITOR")
		time.Sleep(1500*time.Millisecond + 7*time.Microsecond)
		c.want("+PONG", "PING")
		m.line("+946684801.500007 [0 " + c.conn.LocalAddr().String() + `] "PING"`)
	})
}

func TestMonitorEndsWithReset(t *testing.T) {
	f := start(t, settings(t))
	m, c := login(t, f), login(t, f)
	m.want("+OK", "MONITOR")
	m.want("+RESET", "RESET")
	c.want("+OK", "SET", "k", "v")
	m.want("+OK", "AUTH", password)
	m.want("$1 | v", "GET", "k")
	m.want("+OK", "MONITOR")
	c.want("$1 | v", "GET", "k")
	m.watched(`"GET" "k"`)
}

// One who monitors may go on as before, and sees that too.
func TestMonitorSeesItself(t *testing.T) {
	m := login(t, start(t, settings(t)))
	m.want("+OK", "MONITOR")
	m.send("MONITOR")
	var lines []string
	for range 2 {
		line, err := m.r.ReadString('\n')
		require.NoError(t, err)
		if line != "+OK\r\n" {
			line = shown(t, strings.TrimSuffix(line[1:], "\r\n"))
		}
		lines = append(lines, line)
	}
	require.ElementsMatch(t, []string{"+OK\r\n", `"MONITOR"`}, lines)
}

func TestMonitorIsNotForReaders(t *testing.T) {
	cfg := settings(t)
	cfg.Users = []upstash.User{{Name: "default", ReadOnly: true}}
	cfg.Tokens[0].ReadOnly = true
	f := start(t, cfg)
	dial(t, f).want("-NOPERM this user has no permissions to run the 'monitor' command or its subcommand", "MONITOR")
	s := listen(t, f, "/monitor")
	require.Equal(t, http.StatusBadRequest, s.status)
}

// Commands do not wait for a monitor that does not read, and it is not kept.
func TestMonitorThatDoesNotRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t, settings(t))
		m, c := login(t, f), login(t, f)
		m.want("+OK", "MONITOR")
		began := time.Now()
		for range 20 {
			c.want("$1048576 | "+strings.Repeat("x", 1<<20), "ECHO", strings.Repeat("x", 1<<20))
		}
		require.Zero(t, time.Since(began))
		synctest.Wait()
		require.EqualValues(t, 1, f.Ledger().Snapshot().Connections.Open)
		n, err := io.Copy(io.Discard, m.r)
		require.NoError(t, err)
		require.Less(t, n, int64(10<<20))
	})
}

func TestMonitorOfGoRedis(t *testing.T) {
	f := start(t, settings(t))
	c := client(t, f.options())
	lines := make(chan string, 16)
	own := client(t, f.options()).Conn() // go-redis would take a pooled one back while it is in use
	monitor := own.Monitor(t.Context(), lines)
	monitor.Start()
	require.Equal(t, "OK", <-lines)
	require.NoError(t, c.Set(t.Context(), "k", "v", 0).Err())
	for line := range lines {
		if line = shown(t, line); line != `"HELLO"` && !strings.HasPrefix(line, `"AUTH"`) {
			require.Equal(t, `"set" "k" "v"`, line)
			break
		}
	}
	go monitor.Stop() // it waits for the line that go-redis is waiting for
	require.NoError(t, c.Ping(t.Context()).Err())
}

func TestMonitorEndsWithTheServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t, settings(t))
		m := login(t, f)
		m.want("+OK", "MONITOR")
		began := time.Now()
		require.NoError(t, f.Close())
		require.Zero(t, time.Since(began))
		m.ended()
	})
}

// stream is a client of server-sent events.
type stream struct {
	t      testing.TB
	status int
	body   io.ReadCloser
	r      *bufio.Reader
}

func listen(t testing.TB, f fake, path string) *stream {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, f.RESTURL()+path, strings.NewReader("[]"))
	require.NoError(t, err)
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Accept", "text/event-stream")
	request.Header.Set("Upstash-Encoding", "base64")
	response, err := web(t, f).Do(request)
	require.NoError(t, err)
	t.Cleanup(func() { response.Body.Close() })
	return &stream{t, response.StatusCode, response.Body, bufio.NewReader(response.Body)}
}

// line is the next event's, or a comment's.
func (s *stream) line() string {
	s.t.Helper()
	line, err := s.r.ReadString('\n')
	require.NoError(s.t, err)
	end, err := s.r.ReadString('\n')
	require.NoError(s.t, err)
	require.Equal(s.t, "\n", end)
	return strings.TrimSuffix(line, "\n")
}

func (s *stream) want(lines ...string) {
	s.t.Helper()
	for _, line := range lines {
		require.Equal(s.t, line, s.line())
	}
}

func TestEventsOfTopics(t *testing.T) {
	f := start(t, settings(t))
	channels, patterns, c := listen(t, f, "/subscribe/chat/news"), listen(t, f, "/psubscribe/ch%2A"), login(t, f)
	channels.want("data: subscribe,chat,1", "data: subscribe,news,2")
	patterns.want("data: psubscribe,ch*,1")
	c.want(":2", "PUBLISH", "chat", "hello, you")
	c.want(":1", "PUBLISH", "news", "two\nlines")
	channels.want("data: message,chat,hello, you")
	line, err := channels.r.ReadString('\n')
	require.NoError(t, err)
	require.Equal(t, "data: message,news,two\n", line)
	channels.want("data: lines")
	patterns.want("data: pmessage,ch*,chat,hello, you")

	s := f.Ledger().Snapshot()
	require.Equal(t, ledger.Counts{Wire: 2, Billed: 2}, s.ByComponent["web"])
	require.Equal(t, ledger.Counts{Wire: 1, Billed: 1}, s.ByCommand["PSUBSCRIBE"])
	require.EqualValues(t, 1, s.Connections.Opened, "streams are no Redis connections")
}

func TestEventsOfCommands(t *testing.T) {
	f := start(t, settings(t))
	m := listen(t, f, "/monitor")
	m.want(`data: "OK"`)
	_, _ = post(t, web(t, f), f.RESTURL()+"/get/k", "")
	line, ok := strings.CutPrefix(m.line(), "data: ")
	require.True(t, ok)
	require.Equal(t, `0.0.0.0:0 "get" "k"`, shown(t, line))
	require.Equal(t, http.StatusBadRequest, listen(t, f, "/monitor/k").status)
	require.Equal(t, http.StatusBadRequest, listen(t, f, "/subscribe").status)
}

// No deadline of ordinary requests cuts a stream off.
func TestEventsOutliveEveryTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t, settings(t))
		s, m, c := listen(t, f, "/subscribe/chat"), listen(t, f, "/monitor"), login(t, f)
		s.want("data: subscribe,chat,1")
		m.want(`data: "OK"`)
		m.line() // AUTH
		began := time.Now()
		for i := range 60 {
			s.want(": keep-alive")
			m.want(": keep-alive")
			require.Equal(t, time.Duration(i+1)*15*time.Second, time.Since(began))
		}
		c.want(":1", "PUBLISH", "chat", "still there?")
		s.want("data: message,chat,still there?")
		require.EqualValues(t, 2, f.Ledger().Snapshot().RESTConnections.Open)
	})
}

func TestEventsEndWithTheClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t, settings(t))
		s, m, c := listen(t, f, "/subscribe/chat"), listen(t, f, "/monitor"), login(t, f)
		c.want(":1", "PUBLISH", "chat", "hello")
		s.body.Close()
		m.body.Close()
		synctest.Wait()
		require.Zero(t, f.Ledger().Snapshot().RESTConnections.Open)
		time.Sleep(time.Second)
		c.want(":0", "PUBLISH", "chat", "anybody?")
	})
}

func TestEventsEndWithTheServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t, settings(t))
		s, m := listen(t, f, "/subscribe/chat"), listen(t, f, "/monitor")
		s.want("data: subscribe,chat,1")
		m.want(`data: "OK"`)
		began := time.Now()
		require.NoError(t, f.Close())
		require.Less(t, time.Since(began), 100*time.Millisecond)
		for _, stream := range []*stream{s, m} {
			_, err := stream.r.ReadByte()
			require.ErrorIs(t, err, io.EOF, "a clean end")
		}
	})
}

// Whoever does not read holds up nobody, and is cut off.
func TestEventsThatNobodyReads(t *testing.T) {
	for _, path := range []string{"/subscribe/chat", "/monitor"} {
		t.Run(path, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := start(t, settings(t))
				conn := rawListen(t, f, path)
				c := login(t, f)
				synctest.Wait()
				began := time.Now()
				c.send("PUBLISH", "chat", strings.Repeat("x", 1<<20))
				c.line(map[string]string{"/subscribe/chat": ":1", "/monitor": ":0"}[path])
				require.Zero(t, time.Since(began))
				time.Sleep(9 * time.Second)
				require.EqualValues(t, 1, f.Ledger().Snapshot().RESTConnections.Open)
				time.Sleep(2 * time.Second)
				require.Zero(t, f.Ledger().Snapshot().RESTConnections.Open)
				c.want(":0", "PUBLISH", "chat", "anybody?")
				n, _ := io.Copy(io.Discard, conn)
				require.Less(t, n, int64(1<<20))
			})
		})
	}
}

// rawListen asks for a stream and reads nothing of it.
func rawListen(t testing.TB, f fake, path string) net.Conn {
	t.Helper()
	conn, err := f.network.DialContext(t.Context(), "tcp", strings.TrimPrefix(f.RESTURL(), "http://"))
	require.NoError(t, err)
	t.Cleanup(func() { conn.Close() })
	_, err = io.WriteString(conn, "POST "+path+" HTTP/1.1\r\nHost: fake\r\nAuthorization: Bearer "+token+
		"\r\nAccept: text/event-stream\r\nContent-Length: 2\r\n\r\n[]")
	require.NoError(t, err)
	return conn
}

// A monitor that reads too little gets a clear end, not an endless backlog.
func TestEventsOfCommandsThatPileUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t, settings(t))
		conn := rawListen(t, f, "/monitor")
		c := login(t, f)
		synctest.Wait()
		for range 40 {
			c.want(":0", "PUBLISH", "c", strings.Repeat("x", 1<<20))
		}
		text, err := io.ReadAll(io.LimitReader(conn, 64<<20))
		require.NoError(t, err)
		require.Contains(t, string(text[len(text)-100:]), ": dropped, as the reader is too slow\n")
		require.Less(t, len(text), 24<<20)
	})
}

// What monitoring costs the commands of others, above all where nobody does.
func BenchmarkCommandWhile(b *testing.B) {
	for _, monitored := range []bool{false, true} {
		b.Run(map[bool]string{false: "nobody monitors", true: "somebody monitors"}[monitored], func(b *testing.B) {
			f := start(b, settings(b))
			if monitored {
				m := login(b, f)
				m.want("+OK", "MONITOR")
				go func() { _, _ = io.Copy(io.Discard, m.r) }()
			}
			c := login(b, f)
			for b.Loop() {
				c.want("$-1", "HGET", "k", "f")
			}
		})
	}
}
