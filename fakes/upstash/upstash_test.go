package upstash_test

import (
	"context"
	"crypto/tls"
	"net"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"tollgate/fakes/memnet"
	"tollgate/fakes/upstash"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	password = "open sesame"
	token    = "letter of passage"
)

// settings is a configuration with every door open, in memory.
func settings(t testing.TB) upstash.Config {
	network := memnet.New()
	t.Cleanup(func() { network.Close() })
	return upstash.Config{
		Network:   network,
		RESPAddr:  "127.0.0.1:0",
		TLSAddr:   "127.0.0.1:0",
		RESTAddr:  "127.0.0.1:0",
		AdminAddr: "127.0.0.1:0",
		Users:     []upstash.User{{Name: "default", Password: password}},
		Tokens:    []upstash.Token{{Value: token, Component: "web"}},
	}
}

// fake is a running server and how to reach it.
type fake struct {
	*upstash.Server
	network memnet.Network
}

func start(t testing.TB, cfg upstash.Config) fake {
	t.Helper()
	server, err := upstash.Start(t.Context(), cfg)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, server.Close()) })
	return fake{server, cfg.Network}
}

// options are go-redis's for the RESP door, quiet but for HELLO.
func (f fake) options() *redis.Options {
	return &redis.Options{
		Addr: f.RESPAddr(),
		Dialer: func(ctx context.Context, network, addr string) (net.Conn, error) {
			return f.network.DialContext(ctx, network, addr)
		},
		Password:                 password,
		Protocol:                 2,
		DisableIdentity:          true,
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
	}
}

// secure turns options to the TLS door.
func (f fake) secure(o *redis.Options) *redis.Options {
	o.Addr = f.TLSAddr()
	o.Dialer = func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := f.network.DialContext(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		secure := tls.Client(conn, &tls.Config{RootCAs: f.RootCAs(), ServerName: "localhost"})
		return secure, secure.HandshakeContext(ctx)
	}
	return o
}

func client(t testing.TB, o *redis.Options) *redis.Client {
	c := redis.NewClient(o)
	t.Cleanup(func() { c.Close() })
	return c
}
