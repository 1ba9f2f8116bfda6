package conformance_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/fakes/conformance"
	"tollgate/fakes/memnet"
	"tollgate/fakes/redisserver"
	"tollgate/fakes/upstash/engine"
	"tollgate/fakes/upstash/engine/container"
	"tollgate/fakes/upstash/resp"
)

// redis is a plain Redis of the test's own.
type redis struct {
	dial    func(ctx context.Context) (net.Conn, error)
	version string
	known   map[string]bool // upper-case names
}

// startRedis starts a redis-server; without one installed it says why not.
func startRedis(t testing.TB) (r redis, url, missing string) {
	server, err := redisserver.Start(t.Context(), redisserver.Config{})
	if errors.Is(err, redisserver.ErrNotInstalled) {
		return r, "", err.Error()
	}
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, server.Stop()) })
	r.dial = func(ctx context.Context) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "tcp", server.Addr())
	}
	r.learn(t)
	return r, server.URL(), ""
}

// learn asks the server for its version and its commands.
func (r *redis) learn(t testing.TB) {
	conn, err := r.dial(t.Context())
	require.NoError(t, err)
	defer conn.Close()
	in := bufio.NewReader(conn)
	ask := func(words ...string) resp.Value {
		_, err := fmt.Fprintf(conn, "%s\r\n", strings.Join(words, " "))
		require.NoError(t, err)
		v, err := resp.ReadValue(in, resp.Limits{})
		require.NoError(t, err)
		return v
	}
	_, info, _ := strings.Cut(ask("INFO", "server").Text(), "redis_version:")
	r.version, _, _ = strings.Cut(info, "\r\n")
	r.known = map[string]bool{}
	for _, name := range ask("COMMAND", "LIST").Array {
		r.known[strings.ToUpper(name.Text())] = true
	}
}

// Supports knows no sub-commands: for those, the cases must name a version.
func (r redis) Supports(name string) bool {
	first, _, _ := strings.Cut(name, " ")
	return r.known[first]
}

func redisTarget(t *testing.T) conformance.Target {
	r, _, missing := startRedis(t)
	return conformance.Target{
		Name: "redis-server " + r.version, Missing: missing, Traits: []string{conformance.TraitRedis},
		Version: r.version, Supports: r.Supports,
		Open: func(*testing.T) conformance.Doors { return conformance.Doors{RESP: r.dial} },
	}
}

func beforeRedisTarget(t *testing.T) conformance.Target {
	r, url, missing := startRedis(t)
	if missing != "" {
		return conformance.Target{Name: "fake before redis-server", Missing: missing}
	}
	remote, err := engine.NewRemote(t.Context(), engine.RemoteConfig{URL: url})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, remote.Close()) })
	return remoteTarget(t, "fake before redis-server "+r.version, remote, r)
}

func containerTarget(t *testing.T) conformance.Target {
	c, err := container.Start(t.Context(), container.Config{})
	if os.Getenv(container.ImageVariable) == "" && (errors.Is(err, container.ErrNoEngine) || errors.Is(err, container.ErrNoImage)) {
		return conformance.Target{Name: "fake before a container", Missing: err.Error()}
	}
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, c.Close()) })
	r := redis{dial: c.Dial}
	r.learn(t)
	return remoteTarget(t, "fake before "+c.Image(), c, r)
}

// remoteTarget is a fake before a real Redis.
func remoteTarget(t *testing.T, name string, e engine.Engine, r redis) conformance.Target {
	doors := open(t, memnet.TCP(), e)
	return conformance.Target{
		Name: name, Traits: []string{conformance.TraitRemote}, Version: r.version, Supports: supports(r),
		Open: func(*testing.T) conformance.Doors { return doors },
	}
}

// dialURL logs in at a redis:// or rediss:// address.
func dialURL(ctx context.Context, address string) (net.Conn, error) {
	where, err := url.Parse(address)
	if err != nil {
		return nil, errors.New("the address is no URL") // which may hold a password
	}
	conn, err := dialHost(ctx, where)
	if err != nil || where.User == nil {
		return conn, err
	}
	password, _ := where.User.Password()
	user := where.User.Username()
	if user == "" {
		user = "default"
	}
	_, err = conn.Write(resp.AppendCommand(nil, []byte("AUTH"), []byte(user), []byte(password)))
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	reply := make([]byte, len("+OK\r\n")) // nothing else comes with it
	if _, err := conn.Read(reply); err != nil || string(reply) != "+OK\r\n" {
		return nil, errors.Join(errors.New("AUTH was refused"), err, conn.Close())
	}
	return conn, nil
}

func dialHost(ctx context.Context, where *url.URL) (net.Conn, error) {
	if where.Scheme == "rediss" {
		return (&tls.Dialer{}).DialContext(ctx, "tcp", where.Host)
	}
	return (&net.Dialer{}).DialContext(ctx, "tcp", where.Host)
}
