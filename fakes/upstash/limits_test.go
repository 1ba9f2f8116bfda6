package upstash_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"tollgate/fakes/upstash"
	"tollgate/fakes/upstash/engine"
)

func embedded(t testing.TB) *engine.Embedded {
	e, err := engine.NewEmbedded()
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, e.Close()) })
	return e
}

func TestQuota(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := settings(t)
		cfg.Plan.MonthlyCommands = 5
		f := start(t, cfg)
		ctx := t.Context()
		o := f.options()
		o.ClientName = "spender" // CLIENT SETNAME is the first billed command
		c := client(t, o)
		for range 4 {
			require.NoError(t, c.Set(ctx, "k", "v", 0).Err())
		}
		const spent = "ERR max requests limit exceeded. Limit: 5, Usage: 5. " +
			"See https://upstash.com/docs/redis/troubleshooting/max_requests_limit for details"
		require.EqualError(t, c.Set(ctx, "k", "w", 0).Err(), spent)
		require.EqualError(t, c.Get(ctx, "k").Err(), spent)
		require.NoError(t, c.Ping(ctx).Err(), "PING still works")
		late := client(t, o)
		require.NoError(t, late.Ping(ctx).Err(), "and so does connecting")

		_, err := c.TxPipelined(ctx, func(p redis.Pipeliner) error { return p.Get(ctx, "k").Err() })
		require.EqualError(t, err, spent)

		synctest.Wait() // the client does not wait for more than MULTI's reply
		s := f.Ledger().Snapshot()
		require.EqualValues(t, 5, s.Total.Billed)
		require.EqualValues(t, 5, s.Rejected, "SET, GET, and MULTI, GET, EXEC")

		time.Sleep(time.Until(time.Date(2000, 2, 1, 0, 0, 0, 0, time.UTC)))
		require.Equal(t, "v", c.Get(ctx, "k").Val(), "a new month")
	})
}

// A transaction whose EXEC is refused is dropped, and the connection goes on.
func TestQuotaSpentWithinATransaction(t *testing.T) {
	cfg := settings(t)
	cfg.Plan.MonthlyCommands = 2
	cfg.Engine = embedded(t)
	f := start(t, cfg)
	const spent = "-ERR max requests limit exceeded. Limit: 2, Usage: 2. " +
		"See https://upstash.com/docs/redis/troubleshooting/max_requests_limit for details"
	c := login(t, f)
	c.want("+OK", "MULTI")
	c.want("+QUEUED", "SET", "k", "v")
	c.want(spent, "EXEC")
	c.want("+PONG", "PING") // not QUEUED
	unlimited := settings(t)
	unlimited.Engine = cfg.Engine
	login(t, start(t, unlimited)).want("$-1", "GET", "k")
}

func TestQuotaCountsInnerCommands(t *testing.T) {
	cfg := settings(t)
	cfg.Plan.MonthlyCommands = 4
	f := start(t, cfg)
	ctx, c := t.Context(), client(t, f.options())
	script := `redis.call("SET", "a", 1) redis.call("SET", "b", 2) return redis.call("SET", "c", 3)`
	require.NoError(t, c.Eval(ctx, script, nil).Err())
	require.ErrorContains(t, c.Get(ctx, "a").Err(), "Limit: 4, Usage: 4.")
}

func TestBillingLuaOuterOnly(t *testing.T) {
	cfg := settings(t)
	cfg.Billing.LuaOuterOnly = true
	f := start(t, cfg)
	require.NoError(t, client(t, f.options()).Eval(t.Context(), `return redis.call("SET", "a", 1)`, nil).Err())
	total := f.Ledger().Snapshot().Total
	require.EqualValues(t, 1, total.Billed)
	require.EqualValues(t, 1, total.Inner, "still counted")
}

func TestMaxConnections(t *testing.T) {
	cfg := settings(t)
	cfg.Plan.MaxConnections = 2
	f := start(t, cfg)
	a, b := dial(t, f), dial(t, f)
	a.want("+OK", "AUTH", password)
	b.want("+OK", "AUTH", password)

	third := dial(t, f)
	third.line("-ERR max concurrent connections exceeded")
	third.ended()
	counts := f.Ledger().Snapshot().Connections
	require.EqualValues(t, 2, counts.Peak)
	require.EqualValues(t, 2, counts.Opened)
	require.EqualValues(t, 1, counts.Refused)

	a.want("+OK", "QUIT")
	a.ended()
	require.Eventually(t, func() bool { return f.Ledger().Snapshot().Connections.Open == 1 }, time.Second, time.Millisecond)
	dial(t, f).want("+OK", "AUTH", password)
}

func TestMaxRequestBytes(t *testing.T) {
	cfg := settings(t)
	cfg.Plan.MaxRequestBytes = 1000
	f := start(t, cfg)
	c := dial(t, f)
	c.want("+OK", "AUTH", password)
	c.want("-ERR max request size exceeded. Limit: 1000 bytes, Actual: 2004 bytes. "+
		"See https://upstash.com/docs/redis/troubleshooting/max_request_size_exceeded for details",
		"SET", "k", strings.Repeat("x", 2000))
	c.want("+OK", "SET", "k", strings.Repeat("x", 996))
	s := f.Ledger().Snapshot()
	require.EqualValues(t, 1, s.Rejected)
	require.EqualValues(t, 1, s.Total.Billed)
}

func TestReadOnlyUser(t *testing.T) {
	cfg := settings(t)
	cfg.Users = append(cfg.Users, upstash.User{Name: "default_ro", Password: "look", ReadOnly: true})
	f := start(t, cfg)
	c := dial(t, f)
	c.want("+OK", "AUTH", "default_ro", "look")
	c.want("$-1", "GET", "k")
	c.want("-NOPERM this user has no permissions to run the 'set' command or its subcommand", "SET", "k", "v")
	c.want("-NOPERM this user has no permissions to run the 'evalsha' command or its subcommand", "EVALSHA", "0", "0")
	c.want("-NOPERM this user has no permissions to run the 'scan' command or its subcommand", "SCAN", "0")
	require.EqualValues(t, 3, f.Ledger().Snapshot().Rejected)
}

func TestStartErrors(t *testing.T) {
	cfg := settings(t)
	f := start(t, cfg)
	taken := settings(t)
	taken.Network, taken.RESTAddr = cfg.Network, strings.TrimPrefix(f.RESTURL(), "http://")
	_, err := upstash.Start(t.Context(), taken)
	var failed *upstash.StartError
	require.ErrorAs(t, err, &failed)
	require.Equal(t, "REST", failed.Door)
	require.Equal(t, taken.RESTAddr, failed.Addr)
	require.ErrorIs(t, err, syscall.EADDRINUSE)
	require.ErrorContains(t, err, "port 0 picks a free one")
}

func TestConfigValidate(t *testing.T) {
	valid := func() upstash.Config { return upstash.Config{RESPAddr: ":0"} }
	require.NoError(t, valid().Validate())
	for want, spoil := range map[string]func(*upstash.Config){
		"no door is open":              func(c *upstash.Config) { c.RESPAddr = "" },
		"Tokens is empty":              func(c *upstash.Config) { c.RESTAddr = ":0" },
		"no Value in Tokens[0]":        func(c *upstash.Config) { c.Tokens = []upstash.Token{{}} },
		"Value of Tokens[1] is that":   func(c *upstash.Config) { c.Tokens = []upstash.Token{{Value: "s3cret"}, {Value: "s3cret"}} },
		"no Name in Users[0]":          func(c *upstash.Config) { c.Users = []upstash.User{{Password: "s3cret"}} },
		`"a" of Users[1] is that of`:   func(c *upstash.Config) { c.Users = []upstash.User{{Name: "a"}, {Name: "a", Password: "s3cret"}} },
		"Plan.MonthlyCommands is -1":   func(c *upstash.Config) { c.Plan.MonthlyCommands = -1 },
		"Plan.MaxConnections is -2":    func(c *upstash.Config) { c.Plan.MaxConnections = -2 },
		"Plan.MaxRequestBytes is -3":   func(c *upstash.Config) { c.Plan.MaxRequestBytes = -3 },
		"Plan.MaxKeyBytes is -5":       func(c *upstash.Config) { c.Plan.MaxKeyBytes = -5 },
		"Plan.CommandsPerSecond is -6": func(c *upstash.Config) { c.Plan.CommandsPerSecond = -6 },
		"Billing.ReadRegions is -7":    func(c *upstash.Config) { c.Billing.ReadRegions = -7 },
		"LedgerCapacity is -4: must ":  func(c *upstash.Config) { c.LedgerCapacity = -4 },
	} {
		cfg := valid()
		spoil(&cfg)
		err := cfg.Validate()
		require.ErrorContains(t, err, want)
		require.NotContains(t, err.Error(), "s3cret")
		_, err = upstash.Start(t.Context(), cfg)
		require.ErrorContains(t, err, want)
	}
}

// A client that asks for much and reads nothing is cut off after a minute, and holds
// up nobody meanwhile.
func TestClientThatDoesNotReadIsCutOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t, settings(t))
		lazy, other := login(t, f), login(t, f)
		other.want("+OK", "SET", "big", strings.Repeat("x", 1<<20))
		var err error
		for i := 0; i < 1000 && err == nil; i++ { // it may be cut off at once, for what it gets beyond 64 MiB
			_, err = io.WriteString(lazy.conn, "GET big\r\n")
			other.want(":1", "EXISTS", "big")
		}
		started := time.Now()
		for f.Ledger().Snapshot().Connections.Open == 2 {
			require.Less(t, time.Since(started), 2*time.Minute)
			time.Sleep(time.Second)
			other.want(":1", "EXISTS", "big")
		}
	})
}

func TestCloseEndsEverything(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := settings(t)
		server, err := upstash.Start(t.Context(), cfg)
		require.NoError(t, err)
		f := fake{server, cfg.Network}
		blocked, subscribed, idle := dial(t, f), dial(t, f), dial(t, f)
		for _, c := range []*wire{blocked, subscribed, idle} {
			c.want("+OK", "AUTH", password)
		}
		blocked.send("BLPOP", "q", "0")
		subscribed.send("SUBSCRIBE", "news")
		synctest.Wait()
		require.NoError(t, server.Close())
		require.NoError(t, server.Close(), "again")
		blocked.ended()
		idle.ended()
		_, err = f.network.DialContext(t.Context(), "tcp", server.RESPAddr())
		require.ErrorIs(t, err, syscall.ECONNREFUSED)
		require.Zero(t, server.Ledger().Snapshot().Connections.Open)
	})
}

func TestClientThatLeavesWhileBlockedIsForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t, settings(t))
		blocked, other := dial(t, f), dial(t, f)
		blocked.want("+OK", "AUTH", password)
		other.want("+OK", "AUTH", password)
		blocked.send("BLPOP", "q", "0")
		synctest.Wait()
		blocked.conn.Close()
		time.Sleep(time.Second)
		require.EqualValues(t, 1, f.Ledger().Snapshot().Connections.Open)
		other.want(":1", "RPUSH", "q", "job")
		other.want(":1", "LLEN", "q")
	})
}

func TestPlaintextClientAtTheTLSDoorIsTurnedAway(t *testing.T) {
	f := start(t, settings(t))
	conn, err := f.network.DialContext(t.Context(), "tcp", f.TLSAddr())
	require.NoError(t, err)
	defer conn.Close()
	_, err = io.WriteString(conn, "*1\r\n$4\r\nPING\r\n")
	require.NoError(t, err)
	answer, err := io.ReadAll(bufio.NewReader(conn))
	require.True(t, err == nil || errors.Is(err, syscall.ECONNRESET), "%v", err)
	require.NotContains(t, string(answer), "PONG")
}

func ExampleStartError() {
	fmt.Println((&upstash.StartError{Door: "RESP", Addr: "127.0.0.1:6379", Err: syscall.EADDRINUSE}).Error())
	// Output: upstash: the RESP door cannot listen on 127.0.0.1:6379: address already in use; free that address or choose another (port 0 picks a free one)
}
