package conformance_test

import (
	"context"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/fakes/conformance"
	"tollgate/fakes/memnet"
	"tollgate/fakes/upstash"
	"tollgate/fakes/upstash/commands"
	"tollgate/fakes/upstash/engine"
)

// The variables that lead to a real database. They are not those of Upstash's own
// libraries, which a developer may have set for other work.
const (
	realURL           = "UPSTASH_CONFORMANCE_REST_URL"
	realToken         = "UPSTASH_CONFORMANCE_REST_TOKEN"
	realReadOnlyToken = "UPSTASH_CONFORMANCE_REST_READONLY_TOKEN"
	realRedisURL      = "UPSTASH_CONFORMANCE_REDIS_URL"
)

const (
	fullToken     = "conformance-full"
	readOnlyToken = "conformance-read-only"
)

// open starts a fake and gives its doors.
func open(t testing.TB, network memnet.Network, e engine.Engine) conformance.Doors {
	server, err := upstash.Start(t.Context(), upstash.Config{
		Network:  network,
		Logger:   logged.logger(),
		RESPAddr: "127.0.0.1:0",
		RESTAddr: "127.0.0.1:0",
		Tokens:   []upstash.Token{{Value: fullToken}, {Value: readOnlyToken, ReadOnly: true}},
		Engine:   e,
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, server.Close()) })
	client := &http.Client{Transport: &http.Transport{DialContext: network.DialContext}}
	t.Cleanup(client.CloseIdleConnections)
	return conformance.Doors{
		RESP: func(ctx context.Context) (net.Conn, error) {
			return network.DialContext(ctx, "tcp", server.RESPAddr())
		},
		REST: conformance.REST{URL: server.RESTURL(), Token: fullToken, ReadOnlyToken: readOnlyToken, Client: client},
	}
}

func embeddedTarget(t testing.TB) conformance.Target {
	e, err := engine.NewEmbedded()
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, e.Close()) })
	return conformance.Target{Traits: []string{conformance.TraitEmbedded}, Supports: supports(e)}
}

// supports is what a fake before e answers: what the engine has, and what the
// server answers itself, if only with a refusal.
func supports(e engine.Supporter) func(string) bool {
	return func(name string) bool {
		first, rest, _ := strings.Cut(name, " ")
		if _, known := commands.Lookup([][]byte{[]byte(first), []byte(rest)}); !known {
			return true
		}
		switch first {
		case "AUTH", "CLIENT", "COMMAND", "CONFIG", "HELLO", "INFO", "MONITOR", "QUIT", "RESET", "SELECT":
			return true
		}
		return e.Supports(first)
	}
}

func TestEmbeddedInMemory(t *testing.T) {
	target := embeddedTarget(t)
	target.Name, target.Bubble = "embedded engine, in memory and virtual time", true
	target.Open = func(t *testing.T) conformance.Doors {
		network := memnet.New()
		t.Cleanup(func() { network.Close() })
		return open(t, network, nil)
	}
	conformance.Exercise(t, target)
}

func TestEmbeddedOnSockets(t *testing.T) {
	target := embeddedTarget(t)
	doors := open(t, memnet.TCP(), nil)
	target.Name = "embedded engine, on sockets"
	target.Open = func(*testing.T) conformance.Doors { return doors }
	conformance.Exercise(t, target)
}

func TestRedisServer(t *testing.T) {
	conformance.Exercise(t, redisTarget(t))
}

func TestBeforeRedisServer(t *testing.T) {
	conformance.Exercise(t, beforeRedisTarget(t))
}

func TestBeforeContainer(t *testing.T) {
	conformance.Exercise(t, containerTarget(t))
}

// The fake adds nothing to a Redis' answers and takes nothing away.
func TestSameBytesAsRedisServer(t *testing.T) {
	conformance.Differential(t, beforeRedisTarget(t), redisTarget(t))
}

func TestRealUpstash(t *testing.T) {
	conformance.Exercise(t, realTarget())
}

func realTarget() conformance.Target {
	target := conformance.Target{Name: "a real Upstash database", Shared: true}
	if os.Getenv(realURL) == "" || os.Getenv(realToken) == "" {
		target.Missing = realURL + " and " + realToken + " are not both set"
		return target
	}
	doors := conformance.Doors{REST: conformance.REST{
		URL:   strings.TrimSuffix(os.Getenv(realURL), "/"),
		Token: os.Getenv(realToken), ReadOnlyToken: os.Getenv(realReadOnlyToken),
		Client: &http.Client{Timeout: 30 * time.Second},
	}}
	if address := os.Getenv(realRedisURL); address != "" {
		doors.RESP = func(ctx context.Context) (net.Conn, error) { return dialURL(ctx, address) }
	}
	target.Open = func(*testing.T) conformance.Doors { return doors }
	return target
}
