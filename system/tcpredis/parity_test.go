package tcpredis_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/fakes/memnet"
	"tollgate/fakes/upstash"
	"tollgate/system/restredis"
	"tollgate/system/tcpredis"
)

// store is what caches and limiters ask of either transport.
type store interface {
	Ping(ctx context.Context) error
	Get(ctx context.Context, key string) ([]byte, bool, error)
	MGet(ctx context.Context, keys ...string) ([][]byte, error)
	Set(ctx context.Context, key string, value []byte, ttl time.Duration) error
	Del(ctx context.Context, keys ...string) (int64, error)
	Exists(ctx context.Context, keys ...string) (int64, error)
	DeletePattern(ctx context.Context, pattern string) (int64, error)
	Expire(ctx context.Context, key string, ttl time.Duration) (bool, error)
	ZAdd(ctx context.Context, key string, score float64, members ...string) (int64, error)
	ZCard(ctx context.Context, key string) (int64, error)
	ZCount(ctx context.Context, key, low, high string) (int64, error)
	ZRem(ctx context.Context, key string, members ...string) (int64, error)
	ZRemRangeByScore(ctx context.Context, key, low, high string) (int64, error)
	ZLexCount(ctx context.Context, key, low, high string) (int64, error)
	ZRangeByLex(ctx context.Context, key, low, high string, limit int) ([]string, error)
}

var (
	_ store = (*tcpredis.Store)(nil)
	_ store = (*restredis.Client)(nil)
)

// operations run in order on a fresh database.
var operations = []struct {
	name string
	run  func(ctx context.Context, s store) (any, error)
}{
	{"ping", func(ctx context.Context, s store) (any, error) { return nil, s.Ping(ctx) }},
	{"get missing", func(ctx context.Context, s store) (any, error) { return get(ctx, s, "k") }},
	{"set", func(ctx context.Context, s store) (any, error) { return nil, s.Set(ctx, "k", []byte("v"), 0) }},
	{"get", func(ctx context.Context, s store) (any, error) { return get(ctx, s, "k") }},
	{"set empty", func(ctx context.Context, s store) (any, error) { return nil, s.Set(ctx, "empty", nil, time.Minute) }},
	{"get empty", func(ctx context.Context, s store) (any, error) { return get(ctx, s, "empty") }},
	{"set OK", func(ctx context.Context, s store) (any, error) {
		return nil, s.Set(ctx, "ok", []byte("OK"), time.Minute)
	}},
	{"get OK", func(ctx context.Context, s store) (any, error) { return get(ctx, s, "ok") }},
	{"set binary", func(ctx context.Context, s store) (any, error) {
		return nil, s.Set(ctx, "b\xff/ ", []byte("\x00\xfe\xff"), 1500*time.Millisecond)
	}},
	{"get binary", func(ctx context.Context, s store) (any, error) { return get(ctx, s, "b\xff/ ") }},
	{"set negative", func(ctx context.Context, s store) (any, error) { return nil, s.Set(ctx, "k", nil, -1) }},
	{"mget", func(ctx context.Context, s store) (any, error) { return s.MGet(ctx, "k", "none", "empty", "b\xff/ ") }},
	{"mget nothing", func(ctx context.Context, s store) (any, error) { return s.MGet(ctx) }},
	{"exists", func(ctx context.Context, s store) (any, error) { return s.Exists(ctx, "k", "none", "k") }},
	{"expire", func(ctx context.Context, s store) (any, error) { return s.Expire(ctx, "k", time.Minute) }},
	{"expire ms", func(ctx context.Context, s store) (any, error) { return s.Expire(ctx, "k", 90500*time.Millisecond) }},
	{"expire missing", func(ctx context.Context, s store) (any, error) { return s.Expire(ctx, "none", time.Minute) }},
	{"expire zero", func(ctx context.Context, s store) (any, error) { return s.Expire(ctx, "k", 0) }},
	{"del", func(ctx context.Context, s store) (any, error) { return s.Del(ctx, "k", "none") }},
	{"del nothing", func(ctx context.Context, s store) (any, error) { return s.Del(ctx) }},
	{"zadd", func(ctx context.Context, s store) (any, error) { return s.ZAdd(ctx, "z", 1.25, "b") }},
	{"zadd again", func(ctx context.Context, s store) (any, error) { return s.ZAdd(ctx, "z", 2, "b") }},
	{"zadd inf", func(ctx context.Context, s store) (any, error) { return s.ZAdd(ctx, "z", math.Inf(1), "c") }},
	{"zadd big", func(ctx context.Context, s store) (any, error) { return s.ZAdd(ctx, "z", 1764000000000123, "a\xff") }},
	{"zcard", func(ctx context.Context, s store) (any, error) { return s.ZCard(ctx, "z") }},
	{"zcard missing", func(ctx context.Context, s store) (any, error) { return s.ZCard(ctx, "none") }},
	{"zcount", func(ctx context.Context, s store) (any, error) { return s.ZCount(ctx, "z", "(2", "1764000000000123") }},
	{"zremrangebyscore", func(ctx context.Context, s store) (any, error) { return s.ZRemRangeByScore(ctx, "z", "-inf", "(3") }},
	{"zrem", func(ctx context.Context, s store) (any, error) { return s.ZRem(ctx, "z", "c", "none") }},
	{"zrem nothing", func(ctx context.Context, s store) (any, error) { return s.ZRem(ctx, "z") }},
	{"zcard after", func(ctx context.Context, s store) (any, error) { return s.ZCard(ctx, "z") }},
	{"zadd several", func(ctx context.Context, s store) (any, error) {
		return s.ZAdd(ctx, "several", 0, "a\x00", "b", "a\x00", "c d")
	}},
	{"zadd several again", func(ctx context.Context, s store) (any, error) { return s.ZAdd(ctx, "several", 0, "b", "e") }},
	{"zadd several hold", func(ctx context.Context, s store) (any, error) { return s.ZRangeByLex(ctx, "several", "-", "+", 0) }},
	{"zadd nothing", func(ctx context.Context, s store) (any, error) { return s.ZAdd(ctx, "several", 0) }},
	{"lex 1", func(ctx context.Context, s store) (any, error) { return s.ZAdd(ctx, "lex", 0, "a") }},
	{"lex 2", func(ctx context.Context, s store) (any, error) { return s.ZAdd(ctx, "lex", 0, "b") }},
	{"lex 3", func(ctx context.Context, s store) (any, error) { return s.ZAdd(ctx, "lex", 0, "c") }},
	{"zlexcount", func(ctx context.Context, s store) (any, error) { return s.ZLexCount(ctx, "lex", "(a", "[c") }},
	{"zrangebylex", func(ctx context.Context, s store) (any, error) { return s.ZRangeByLex(ctx, "lex", "-", "+", 2) }},
	{"zrangebylex all", func(ctx context.Context, s store) (any, error) { return s.ZRangeByLex(ctx, "lex", "-", "+", 0) }},
	{"zrangebylex none", func(ctx context.Context, s store) (any, error) { return s.ZRangeByLex(ctx, "none", "-", "+", 1) }},
	{"bad range", func(ctx context.Context, s store) (any, error) { return s.ZCount(ctx, "lex", "x", "y") }},
	{"wrong type", func(ctx context.Context, s store) (any, error) { return s.ZCard(ctx, "ok") }},
	{"delete pattern", func(ctx context.Context, s store) (any, error) { return s.DeletePattern(ctx, "[oe]*") }},
	{"delete rest", func(ctx context.Context, s store) (any, error) { return s.DeletePattern(ctx, "*") }},
	{"delete nothing", func(ctx context.Context, s store) (any, error) { return s.DeletePattern(ctx, "*") }},
}

func get(ctx context.Context, s store, key string) (any, error) {
	value, found, err := s.Get(ctx, key)
	return fmt.Sprintf("%q nil=%v found=%v", value, value == nil, found), err
}

func TestBothTransportsGiveTheSameAnswers(t *testing.T) {
	overTCP := run(t, func(server *upstash.Server, network *memnet.Mem) store {
		host, port := splitAddr(t, server.RESPAddr())
		client, err := tcpredis.New(tcpredis.Config{Host: host, Port: port, Password: "pw", Component: "cache", DialContext: network.DialContext})
		require.NoError(t, err)
		t.Cleanup(func() { _ = client.Close() })
		return tcpredis.NewStore(client)
	})
	overREST := run(t, func(server *upstash.Server, network *memnet.Mem) store {
		client, err := restredis.New(restredis.Config{URL: server.RESTURL(), Token: "token", Component: "cache", DialContext: network.DialContext})
		require.NoError(t, err)
		t.Cleanup(func() { _ = client.Close() })
		return client
	})
	for i, operation := range operations {
		require.Equal(t, overTCP[i], overREST[i], operation.name)
	}
	require.Contains(t, overTCP, `"\x00\xfe\xff" nil=false found=true | `)
	require.Contains(t, overTCP, `[a b] | `)
}

// run gives the outcome of each operation on a fresh fake.
func run(t *testing.T, connect func(*upstash.Server, *memnet.Mem) store) []string {
	t.Helper()
	server, network := newUpstash(t)
	s := connect(server, network)
	outcomes := make([]string, len(operations))
	for i, operation := range operations {
		value, err := operation.run(t.Context(), s)
		outcomes[i] = fmt.Sprintf("%v | %s", value, answerOf(err))
	}
	return outcomes
}

// newUpstash starts a fake Upstash in memory; the password is "pw", the REST
// token "token".
func newUpstash(t *testing.T) (*upstash.Server, *memnet.Mem) {
	t.Helper()
	network := memnet.New()
	server, err := upstash.Start(context.Background(), upstash.Config{
		Network: network, RESTAddr: "127.0.0.1:80", RESPAddr: "127.0.0.1:6379", TLSAddr: "127.0.0.1:6380",
		Tokens: []upstash.Token{{Value: "token"}}, Users: []upstash.User{{Name: "default", Password: "pw"}},
	})
	require.NoError(t, err)
	t.Cleanup(func() {
		_ = server.Close()
		_ = network.Close()
	})
	return server, network
}

// answerOf returns what the transports must agree on in an error: Redis' own
// text, or that the argument makes no sense.
func answerOf(err error) string {
	var rest *restredis.Error
	switch {
	case err == nil:
		return ""
	case errors.Is(err, tcpredis.ErrArgument) || errors.Is(err, restredis.ErrArgument):
		return "invalid argument"
	case errors.As(err, &rest):
		return rest.Command + ": " + rest.Message
	default:
		return strings.TrimPrefix(err.Error(), "tcpredis: ")
	}
}

func splitAddr(t *testing.T, addr string) (host string, port int) {
	t.Helper()
	i := strings.LastIndex(addr, ":")
	_, err := fmt.Sscan(addr[i+1:], &port)
	require.NoError(t, err)
	return addr[:i], port
}
