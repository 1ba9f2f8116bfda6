package upstash_test

import (
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/fakes/memnet"
	"tollgate/fakes/upstash"
	"tollgate/fakes/upstash/ledger"
)

// login is a connection that has said its password.
func login(t testing.TB, f fake) *wire {
	c := dial(t, f)
	c.want("+OK", "AUTH", password)
	return c
}

func TestAuthentication(t *testing.T) {
	f := start(t, settings(t))
	c := dial(t, f)
	c.want("-NOAUTH Authentication required", "GET", "k")
	c.want("-NOAUTH Authentication required", "PING")
	c.want("-NOAUTH Authentication required", "HELLO", "2")
	c.want("-WRONGPASS invalid username-password pair or user is disabled", "AUTH", "guess")
	c.want("-WRONGPASS invalid username-password pair or user is disabled", "AUTH", "nobody", password)
	c.want("-WRONGPASS invalid username-password pair or user is disabled", "HELLO", "3", "AUTH", "default", "guess")
	c.want("-ERR wrong number of arguments for 'auth' command", "AUTH")
	c.want("+OK", "AUTH", "default", password)
	c.want("+PONG", "PING")
	require.Zero(t, f.Ledger().Snapshot().Total.Billed)
}

func TestDefaultUserWithoutPasswordNeedsNoAuth(t *testing.T) {
	cfg := settings(t)
	cfg.Users = nil
	c := dial(t, start(t, cfg))
	c.want("+PONG", "PING")
	c.want("+OK", "AUTH", "anything")
}

func TestHello(t *testing.T) {
	f := start(t, settings(t))
	c := dial(t, f)
	c.want("%7 | $6 | server | $5 | redis | $7 | version | $5 | 8.2.0 | $5 | proto | :3 | $2 | id | :1 | "+
		"$4 | mode | $10 | standalone | $4 | role | $6 | master | $7 | modules | *0",
		"HELLO", "3", "AUTH", "default", password, "SETNAME", "api")
	c.want("_", "GET", "nothing")
	c.want(":2", "HSET", "h", "a", "1", "b", "2")
	c.want("%2 | $1 | a | $1 | 1 | $1 | b | $1 | 2", "HGETALL", "h")
	c.want("*0", "CONFIG", "GET", "maxmemory")
	c.want("*2 | $22 | notify-keyspace-events | $0 | ", "CONFIG", "GET", "notify-keyspace-events")
	c.want("$3 | api", "CLIENT", "GETNAME")
	c.send("HELLO", "2")
	c.line("*14 | $6 | server | $5 | redis | $7 | version | $5 | 8.2.0 | $5 | proto | :2 | $2 | id | :1 | " +
		"$4 | mode | $10 | standalone | $4 | role | $6 | master | $7 | modules | *0")
	c.want("$-1", "GET", "nothing")
	c.want("-NOPROTO unsupported protocol version", "HELLO", "4")
	c.want("-ERR Protocol version is not an integer or out of range", "HELLO", "x")
	c.want("-ERR Syntax error in HELLO option 'AUTH'", "HELLO", "2", "AUTH", "default")
	c.want("-ERR Client names cannot contain spaces, newlines or special characters.", "HELLO", "2", "SETNAME", "a b")
}

// Local replies and the engine's must come in the order of their commands.
func TestRepliesComeInOrder(t *testing.T) {
	f := start(t, settings(t))
	c := login(t, f)
	var pipeline, want strings.Builder
	for i := range 500 {
		fmt.Fprintf(&pipeline, "SET k %d\r\nCLIENT ID\r\nNOSUCH\r\nGET k\r\nSELECT 0\r\n", i)
		fmt.Fprintf(&want, "+OK\r\n:1\r\n-ERR Command is not available: 'NOSUCH'. "+
			"See https://upstash.com/docs/redis/overall/rediscompatibility for details\r\n$%d\r\n%d\r\n+OK\r\n",
			len(fmt.Sprint(i)), i)
	}
	go func() { _, _ = io.WriteString(c.conn, pipeline.String()) }()
	got := make([]byte, want.Len())
	_, err := io.ReadFull(c.r, got)
	require.NoError(t, err)
	require.Equal(t, want.String(), string(got))
	require.EqualValues(t, 500, f.Ledger().Snapshot().Unsupported)
}

// A client that reads nothing until it has sent everything gets its replies, the
// server's own too, although they are larger than every buffer between.
func TestLocalRepliesWaitForAClientThatReadsLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const commands = 50_000
		f := start(t, settings(t))
		c := login(t, f)
		require.NoError(t, c.conn.SetWriteDeadline(time.Now().Add(time.Minute)))
		_, err := io.WriteString(c.conn, strings.Repeat("NOSUCH\r\n", commands)+"GET k\r\nCLIENT ID\r\nQUIT\r\n")
		require.NoError(t, err)
		for range commands {
			line, err := c.r.ReadString('\n')
			require.NoError(t, err)
			require.Contains(t, line, "'NOSUCH'")
		}
		c.line("$-1 | :1 | +OK")
		c.ended()
	})
}

// One that never reads and leaves is forgotten.
func TestClientThatLeavesWithoutReadingLocalReplies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t, settings(t))
		c := login(t, f)
		_, err := io.WriteString(c.conn, strings.Repeat("NOSUCH\r\n", 50_000))
		require.NoError(t, err)
		c.conn.Close()
		synctest.Wait()
		require.Zero(t, f.Ledger().Snapshot().Connections.Open)
	})
}

// What stands before and after a blocking command keeps its place too.
func TestRepliesComeInOrderAroundABlockingCommand(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t, settings(t))
		c, other := login(t, f), login(t, f)
		c.send("CLIENT", "ID")
		c.send("BLPOP", "q", "0")
		c.send("CLIENT", "ID")
		c.send("QUIT")
		c.line(":1")
		synctest.Wait()
		other.want(":1", "RPUSH", "q", "job")
		c.line("*2 | $1 | q | $3 | job | :1 | +OK")
		c.ended()
	})
}

// A client that has closed its own direction still gets what it asked for.
func TestHalfClosedClientIsAnswered(t *testing.T) {
	cfg := settings(t)
	cfg.Network = memnet.TCP()
	cfg.Users = nil
	f := start(t, cfg)
	for _, asked := range []string{"SET a 1\r\nGET a\r\n", "CLIENT GETNAME\r\n", "EVAL 'return 7' 0\r\nPING\r\n"} {
		conn := dial(t, f).conn
		_, err := io.WriteString(conn, asked)
		require.NoError(t, err)
		require.NoError(t, conn.(*net.TCPConn).CloseWrite())
		replies, err := io.ReadAll(conn)
		require.NoError(t, err)
		require.Contains(t, []string{"+OK\r\n$1\r\n1\r\n", "$-1\r\n", ":7\r\n+PONG\r\n"}, string(replies))
	}
	require.Eventually(t, func() bool { return f.Ledger().Snapshot().Connections.Open == 0 }, 10*time.Second, time.Millisecond)
}

func TestInlineCommandsAndBrokenProtocol(t *testing.T) {
	c := login(t, start(t, settings(t)))
	_, err := io.WriteString(c.conn, "\r\n*0\r\nset k \"a b\"\r\nget k\r\n")
	require.NoError(t, err)
	c.line("+OK | $3 | a b")
	_, err = io.WriteString(c.conn, "get k\r\n*1\r\n:5\r\nget k\r\n")
	require.NoError(t, err)
	c.line("$3 | a b | -ERR Protocol error: expected '$', got ':'")
	c.ended()
}

func TestTransactionIsSpoiltByARefusedCommand(t *testing.T) {
	f := start(t, settings(t))
	for _, refused := range [][]string{{"SLOWLOG", "GET"}, {"CLIENT", "SETNAME", "x"}, {"SUBSCRIBE", "x"}, {"JSON.SET", "k", "$", "1"}} {
		c := login(t, f)
		c.want("+OK", "MULTI")
		c.want("+QUEUED", "SET", "k", "v")
		c.send(refused...)
		line, err := c.r.ReadString('\n')
		require.NoError(t, err)
		require.Regexp(t, "^-ERR ", line)
		c.want("-EXECABORT Transaction discarded because of previous errors.", "EXEC")
		c.want("$-1", "GET", "k")
		c.want("+OK", "MULTI")
		c.want("*0", "EXEC")
	}
}

// MULTI within MULTI fails, and changes nothing else.
func TestNestedMultiDoesNotMendATransaction(t *testing.T) {
	c := login(t, start(t, settings(t)))
	c.want("+OK", "MULTI")
	c.want("+QUEUED", "SET", "k", "v")
	c.want("-ERR Command is not available: 'NOSUCH'. See https://upstash.com/docs/redis/overall/rediscompatibility for details", "NOSUCH")
	c.want("-ERR MULTI calls can not be nested", "MULTI")
	c.want("-EXECABORT Transaction discarded because of previous errors.", "EXEC")
	c.want("$-1", "GET", "k")
}

func TestErrorsHaveTheWordsOfUpstash(t *testing.T) {
	c := login(t, start(t, settings(t)))
	c.want("+OK", "SET", "k", "v")
	c.want("-ERR value is not an int or out of range", "INCR", "k")
	c.want("-ERR wrong number of arguments for 'get' command", "GET")
}

func TestEngineWithoutACommandThatUpstashHas(t *testing.T) {
	f := start(t, settings(t))
	c := login(t, f)
	c.want("-ERR the engine behind this fake has no 'JSON.SET', although Upstash has", "JSON.SET", "k", "$", "1")
	require.EqualValues(t, 1, f.Ledger().Snapshot().Unsupported)
}

func TestSubscribeMode(t *testing.T) {
	f := start(t, settings(t))
	c, other := login(t, f), login(t, f)
	c.want("*3 | $9 | subscribe | $1 | a | :1 | *3 | $9 | subscribe | $1 | b | :2", "SUBSCRIBE", "a", "b")
	c.want("-ERR Can't execute 'client id': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context",
		"CLIENT", "ID")
	c.send("GET", "k")
	line, err := c.r.ReadString('\n')
	require.NoError(t, err)
	require.Contains(t, line, "-ERR Can't execute 'get'")
	other.want(":1", "PUBLISH", "a", "hello")
	c.line("*3 | $7 | message | $1 | a | $5 | hello")
	c.want("*2 | $4 | pong | $0 | ", "PING")
	c.want("*3 | $11 | unsubscribe | $1 | a | :1 | *3 | $11 | unsubscribe | $1 | b | :0", "UNSUBSCRIBE")
	c.want(":1", "CLIENT", "ID")
	c.want("*3 | $12 | punsubscribe | $-1 | :0", "PUNSUBSCRIBE")
	c.want("+PONG", "PING")
	other.want(":0", "PUBLISH", "a", "nobody")
}

func TestReset(t *testing.T) {
	f := start(t, settings(t))
	c, other := dial(t, f), login(t, f)
	c.send("HELLO", "3", "AUTH", "default", password, "SETNAME", "worker")
	for range 26 { // the lines of HELLO's reply
		_, err := c.r.ReadString('\n')
		require.NoError(t, err)
	}
	c.want(">3 | $9 | subscribe | $1 | a | :1", "SUBSCRIBE", "a")
	c.want("+RESET", "RESET")
	other.want(":0", "PUBLISH", "a", "nobody")
	c.want("-NOAUTH Authentication required", "GET", "k")
	c.want("+OK", "AUTH", password)
	c.want("$-1", "GET", "k")
	c.want("$-1", "CLIENT", "GETNAME")
	c.want("+OK", "MULTI")
	c.want("+QUEUED", "SET", "k", "v")
	c.want("+RESET", "RESET")
	c.want("+OK", "AUTH", password)
	c.want("-ERR EXEC without MULTI", "EXEC")
	c.want("$-1", "GET", "k")
}

func TestConnectionCommands(t *testing.T) {
	f := start(t, settings(t))
	c, other := login(t, f), login(t, f)
	other.want("+OK", "CLIENT", "SETNAME", "api")
	c.want("+OK", "CLIENT", "SETINFO", "LIB-NAME", "lib")
	c.want("+OK", "CLIENT", "SETINFO", "lib-ver", "1.2")
	c.want("-ERR Unrecognized option 'COLOUR'", "CLIENT", "SETINFO", "COLOUR", "red")
	c.want("-ERR Client names cannot contain spaces, newlines or special characters.", "CLIENT", "SETNAME", "a\nb")
	c.want("-ERR wrong number of arguments for 'client|setname' command", "CLIENT", "SETNAME")
	c.want("-ERR Command is not available: 'CLIENT KILL'. See https://upstash.com/docs/redis/overall/rediscompatibility for details",
		"CLIENT", "KILL", "x")
	c.send("CLIENT", "LIST")
	_, err := c.r.ReadString('\n')
	require.NoError(t, err)
	for _, want := range []string{"id=1 .* name= .* user=default resp=2 lib-name=lib lib-ver=1.2 tot-cmds=8\n", "id=2 .* name=api .*\n", "^\r\n$"} {
		line, err := c.r.ReadString('\n')
		require.NoError(t, err)
		require.Regexp(t, want, line)
	}
	c.want("+OK", "SELECT", "0")
	c.want("-ERR DB index is out of range", "SELECT", "1")
	c.want("*0", "COMMAND")
	c.want("*0", "CONFIG", "GET", "save")
	c.want("-ERR Unknown option or number of arguments for CONFIG SET - 'save'", "CONFIG", "SET", "save", "")
	c.want("+OK", "CONFIG", "SET", "notify-keyspace-events", "")
	c.want("-ERR this fake sends no keyspace notifications: only an empty notify-keyspace-events is accepted",
		"CONFIG", "SET", "notify-keyspace-events", "KEA")
}

func TestInfo(t *testing.T) {
	c := client(t, start(t, settings(t)).options())
	info := c.Info(t.Context()).Val()
	require.Contains(t, info, "redis_version:8.2.0\r\n")
	require.Contains(t, info, "connected_clients:1\r\n")
	require.Equal(t, strings.Count(info, "\n"), strings.Count(c.Info(t.Context(), "default").Val(), "\n"))
	require.Equal(t, "# Memory\r\n", c.Info(t.Context(), "memory").Val(), "an unknown section has a heading only")
	require.NotContains(t, c.Info(t.Context(), "replication").Val(), "redis_version")
}

// A connection counts for its name, or for its user once it does something; not
// for the user while it is about to get a name.
func TestConnectionsCountForTheirComponent(t *testing.T) {
	f := start(t, settings(t))
	named, nameless, idle := login(t, f), login(t, f), login(t, f)
	named.want("+OK", "CLIENT", "SETNAME", "worker")
	nameless.want("$-1", "GET", "k")
	idle.want("+PONG", "PING")
	require.Equal(t, map[string]ledger.ConnCounts{
		"worker":       {Open: 1, Peak: 1, Opened: 1},
		"default":      {Open: 1, Peak: 1, Opened: 1},
		ledger.Unnamed: {Open: 1, Peak: 3, Opened: 1},
	}, f.Ledger().Snapshot().ConnectionsByComponent)

	nameless.want("+OK", "CLIENT", "SETNAME", "worker")
	byComponent := f.Ledger().Snapshot().ConnectionsByComponent
	require.Equal(t, ledger.ConnCounts{Open: 2, Peak: 2, Opened: 2}, byComponent["worker"])
	require.NotContains(t, byComponent, "default")
}

// A connection that logs in as another counts for that one from then on, as its
// commands do.
func TestConnectionFollowsItsUser(t *testing.T) {
	cfg := settings(t)
	cfg.Users = []upstash.User{{Name: "default"}, {Name: "other", Password: "pw"}}
	f := start(t, cfg)
	c := dial(t, f)
	c.want("$-1", "GET", "k")
	c.want("+OK", "AUTH", "other", "pw")
	require.Equal(t, map[string]ledger.ConnCounts{"other": {Open: 1, Peak: 1, Opened: 1}},
		f.Ledger().Snapshot().ConnectionsByComponent)
}

// Whatever a client sends, the ledger keeps little of it.
func TestLedgerKeepsNothingLongOfAClient(t *testing.T) {
	f := start(t, settings(t))
	c := login(t, f)
	long := strings.Repeat("x", 100_000)
	c.want("+OK", "CLIENT", "SETNAME", long)
	c.want("-NOSCRIPT No matching script. Please use EVAL.", "EVALSHA", long, "0")
	c.send(long)
	_, err := c.r.ReadString('\n')
	require.NoError(t, err)
	for _, command := range f.Ledger().Recent() {
		require.Less(t, len(command.Component)+len(command.Name)+len(command.Script), 400)
	}
	require.Empty(t, f.Ledger().Snapshot().ByScript)
	c.want(fmt.Sprintf("$%d | %s", len(long), long), "CLIENT", "GETNAME")
}

func TestPeakConnectionsAreExact(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t, settings(t))
		var open []*wire
		for _, target := range []int{10, 3, 37, 5} {
			for len(open) < target {
				open = append(open, login(t, f))
			}
			for len(open) > target {
				open[0].conn.Close()
				open = open[1:]
			}
			synctest.Wait()
		}
		counts := f.Ledger().Snapshot().Connections
		require.Equal(t, ledger.ConnCounts{Open: 5, Peak: 37, Opened: 44}, counts)
		f.Ledger().ResetPeaks()
		require.EqualValues(t, 5, f.Ledger().Snapshot().Connections.Peak)
	})
}

func TestBilling(t *testing.T) {
	f := start(t, settings(t))
	c := client(t, f.options())
	ctx := t.Context()
	free := [][]any{{"PING"}, {"SELECT", 0}, {"COMMAND"}, {"CONFIG", "GET", "x"}, {"INFO"}, {"HELLO"}, {"NOSUCH"}}
	for _, args := range free {
		_ = c.Do(ctx, args...).Err() // NOSUCH fails, and is free too
	}
	require.Zero(t, f.Ledger().Snapshot().Total.Billed)
	billed := [][]any{
		{"ECHO", "x"},
		{"GET", "k"},
		{"MGET", "a", "b", "c"},
		{"CLIENT", "GETNAME"},
		{"MULTI"},
		{"SET", "k", "v"},
		{"EXEC"},
		{"PUBLISH", "c", "m"},
		{"EVALSHA", strings.Repeat("0", 40), 0},
		{"HSET", "k", "wrong", "type"},
	}
	pipe := c.Pipeline()
	for _, args := range billed {
		pipe.Do(ctx, args...)
	}
	_, _ = pipe.Exec(ctx) // the last two fail, but they ran
	require.EqualValues(t, len(billed), f.Ledger().Snapshot().Total.Billed)
	for _, c := range f.Ledger().Recent() {
		require.Equal(t, ledger.TransportTCP, c.Transport)
	}
}

func TestLatencyOfARequestIsTheRoundTrip(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const rtt = 5 * time.Millisecond
		cfg := settings(t)
		f := start(t, cfg)
		f.network = memnet.WithLatency(cfg.Network, rtt)
		ctx, c := t.Context(), client(t, f.options())
		require.NoError(t, c.Ping(ctx).Err())
		for range 10 {
			begin := time.Now()
			require.NoError(t, c.Set(ctx, "k", "v", 0).Err())
			require.Equal(t, rtt, time.Since(begin))
		}
		require.NoError(t, c.Close())
	})
}

func BenchmarkRESPRoundTrip(b *testing.B) {
	cfg := settings(b)
	f := start(b, cfg)
	c := client(b, f.options())
	require.NoError(b, c.Set(b.Context(), "k", "v", 0).Err())
	b.ReportAllocs()
	for b.Loop() {
		c.Get(b.Context(), "k")
	}
}

func BenchmarkRESPPipelined(b *testing.B) {
	f := start(b, upstash.Config{Network: memnet.New(), RESPAddr: ":0"})
	c := dial(b, f)
	const depth = 100
	request := []byte(strings.Repeat("*2\r\n$3\r\nGET\r\n$1\r\nk\r\n", depth))
	reply := make([]byte, depth*len("$-1\r\n"))
	for b.Loop() {
		_, _ = c.conn.Write(request)
		_, _ = io.ReadFull(c.r, reply)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*depth), "ns/command")
}
