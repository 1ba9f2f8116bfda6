package providers_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"tollgate/fakes/memnet"
	fake "tollgate/fakes/providers"
	"tollgate/system/providers"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	clientSecret = "client-secret-5up3r"
	smsPassword  = "5m5pa55w0rd"
	suggestToken = "5ugg35t"
	phone        = "+12025550101"
	hook         = "h-1"
)

func config(root string, network *memnet.Mem) providers.Config {
	return providers.Config{
		OAuthURL: root + "/token", CalendarURL: root + "/calendar/v3/", PeopleURL: root, SMSURL: root, SuggestURL: root + "/suggest",
		ClientID: "client-1", ClientSecret: clientSecret,
		AccountSID: "AC1", AuthToken: smsPassword, SMSFrom: "+12025550100",
		SuggestToken: suggestToken,
		DialContext:  network.DialContext,
	}
}

// world is the clients and a fake for them to call.
type world struct {
	*providers.Clients
	fake   *fake.Server
	access string // of user u-17
}

func start(t *testing.T, cfg fake.Config) world {
	t.Helper()
	network := memnet.New()
	cfg.Listen = network.Listen
	server, err := fake.Start(t.Context(), cfg)
	require.NoError(t, err)
	clients, err := providers.New(config(server.URL(), network))
	require.NoError(t, err)
	t.Cleanup(func() {
		clients.Close()
		require.NoError(t, server.Close())
		require.NoError(t, network.Close())
	})
	return world{clients, server, server.AccessToken("u-17")}
}

// against returns clients of a handler.
func against(t *testing.T, handler http.HandlerFunc) world {
	t.Helper()
	network := memnet.New()
	listener, err := network.Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	server := &httptest.Server{Listener: listener, Config: &http.Server{Handler: handler}}
	server.Start()
	clients, err := providers.New(config(server.URL, network))
	require.NoError(t, err)
	t.Cleanup(func() {
		clients.Close()
		server.CloseClientConnections()
		server.Close()
		require.NoError(t, network.Close())
	})
	return world{clients, nil, "access-u-17-1"}
}

// call is one call of one provider, for what all of them have in common.
type call struct {
	provider, op, endpoint string
	do                     func(ctx context.Context, w world) error
}

func calls() []call {
	channel := providers.Channel{ID: "ch-1", ResourceID: "r-1", Address: "https://example.com/push"}
	return []call{
		{"oauth", "refresh", "oauth", func(ctx context.Context, w world) error {
			_, err := w.OAuth.Refresh(ctx, "refresh-u-17")
			return err
		}},
		{"calendar", "sync", "calendar_events", func(ctx context.Context, w world) error {
			_, err := w.Calendar.Sync(ctx, w.access, "primary", "")
			return err
		}},
		{"calendar", "watch", "calendar_watch", func(ctx context.Context, w world) error {
			_, err := w.Calendar.Watch(ctx, w.access, "primary", channel)
			return err
		}},
		{"calendar", "stop", "calendar_stop", func(ctx context.Context, w world) error {
			return w.Calendar.Stop(ctx, w.access, channel)
		}},
		{"people", "sync", "people", func(ctx context.Context, w world) error {
			_, err := w.People.Sync(ctx, w.access, "")
			return err
		}},
		{"sms", "send", "sms", func(ctx context.Context, w world) error {
			_, err := w.SMS.Send(ctx, phone, "hello")
			return err
		}},
		{"webhook", "probe", "hooks", func(ctx context.Context, w world) error {
			_, err := w.Webhooks.Probe(ctx, w.fake.HookURL(hook))
			return err
		}},
		{"suggest", "suggest", "suggest", func(ctx context.Context, w world) error {
			_, err := w.Suggest.Suggest(ctx, "u-17", []string{"the demo"})
			return err
		}},
	}
}

// everyone fails every call's subject with a status.
func everyone(status int) map[string]fake.Subject {
	always := fake.Subject{Always: true, Status: status}
	return map[string]fake.Subject{"u-17": always, phone: always, hook: always}
}

// requireError checks what err is, and returns it.
func requireError(t *testing.T, err error, kind providers.Kind, status int) *providers.Error {
	t.Helper()
	var failure *providers.Error
	require.ErrorAs(t, err, &failure)
	require.Equal(t, kind, failure.Kind, "%v", err)
	require.Equal(t, status, failure.Status, "%v", err)
	return failure
}

// long is far beyond every timeout of a test.
const long = time.Hour
