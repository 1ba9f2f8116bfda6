package service_test

import (
	"net"
	"runtime"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/fakes/memnet"
	"tollgate/fakes/providers"
	"tollgate/fakes/upstash"
	"tollgate/system/accounts"
	"tollgate/system/config"
	"tollgate/system/service"
)

const (
	token    = "token-of-the-fake"
	password = "password-of-the-fake"
)

// world is what a service talks to, in memory. Make it inside a bubble.
type world struct {
	network   *memnet.Mem
	upstash   *upstash.Server
	providers *providers.Server
}

func newWorld(t *testing.T) *world {
	t.Helper()
	dropPooledTimers()
	w := &world{network: memnet.New()}
	var err error
	w.upstash, err = upstash.Start(t.Context(), upstash.Config{
		Network: w.network, RESPAddr: "127.0.0.1:0", RESTAddr: "127.0.0.1:0",
		Tokens: []upstash.Token{{Value: token, Component: "rest"}},
		Users:  []upstash.User{{Name: config.DefaultRedisUser, Password: password}},
	})
	require.NoError(t, err)
	w.providers, err = providers.Start(t.Context(), providers.Config{Listen: w.network.Listen, Addr: "127.0.0.1:0", Seed: 1})
	require.NoError(t, err)
	return w
}

// dropPooledTimers empties every sync.Pool, which takes two collections: go-redis
// keeps timers in one, and a timer of an earlier bubble must not be used in this one.
func dropPooledTimers() {
	runtime.GC()
	runtime.GC()
}

func (w *world) close(t *testing.T) {
	t.Helper()
	synctest.Wait()             // panics outside a bubble, where the sleep would be a real one
	time.Sleep(2 * time.Second) // go-redis' redial loops end within a second of their pool
	require.NoError(t, w.providers.Close())
	require.NoError(t, w.upstash.Close())
	require.NoError(t, w.network.Close())
}

// config is a valid configuration of the stage against this world.
func (w *world) config(t *testing.T, stage config.Stage) config.Config {
	t.Helper()
	host, port, err := net.SplitHostPort(w.upstash.RESPAddr())
	require.NoError(t, err)
	cfg := config.Default()
	cfg.Stage, cfg.HTTPAddr = stage, "127.0.0.1:0"
	cfg.REST = config.REST{URL: w.upstash.RESTURL(), Token: token}
	cfg.Redis.Host, cfg.Redis.Password, cfg.Redis.TLS = host, password, false
	cfg.Redis.Port, err = strconv.Atoi(port)
	require.NoError(t, err)
	p := &cfg.Providers
	p.OAuthURL, p.CalendarURL, p.PeopleURL = w.providers.OAuthURL(), w.providers.CalendarURL(), w.providers.PeopleURL()
	p.SMSURL, p.SuggestURL = w.providers.SMSURL(), w.providers.SuggestURL()
	p.ClientID, p.ClientSecret = "client", "client-secret"
	p.AccountSID, p.AuthToken, p.SMSFrom = "ACfake", "authtoken", "+12025550100"
	cfg.Worker.RetryBase = 100 * time.Millisecond
	return cfg
}

func (w *world) deps() service.Deps {
	hooks := w.providers.URL() + "/hooks/"
	return service.Deps{
		Network: w.network,
		Accounts: accounts.NewMemory(func(user string) accounts.Account {
			return accounts.Account{
				User: user, RefreshToken: "refresh-" + user, Phone: "+12025550123", CalendarID: "primary",
				Webhooks: []string{hooks + user},
			}
		}),
	}
}
