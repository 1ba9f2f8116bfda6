package providers_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/fakes/memnet"
	"tollgate/system/providers"
)

func TestConfigValidate(t *testing.T) {
	good := config("http://127.0.0.1:1", memnet.New())
	require.NoError(t, good.Validate())
	public := good
	public.OAuthURL, public.CalendarURL, public.PeopleURL, public.SMSURL = "", "", "", ""
	require.NoError(t, public.Validate(), "the public endpoints")
	for _, test := range []struct {
		want   string
		change func(*providers.Config)
	}{
		{"SuggestURL is empty", func(c *providers.Config) { c.SuggestURL = "" }},
		{"CalendarURL is not an absolute", func(c *providers.Config) { c.CalendarURL = "localhost:80" }},
		{"PeopleURL is not an absolute", func(c *providers.Config) { c.PeopleURL = "ftp://example.com" }},
		{"OAuthURL holds a user name or password", func(c *providers.Config) { c.OAuthURL = "https://u:pa55@example.com/token" }},
		{"SMSURL has a query", func(c *providers.Config) { c.SMSURL = "https://example.com/?key=pa55" }},
		{"ClientID is empty", func(c *providers.Config) { c.ClientID = "" }},
		{"ClientSecret is empty", func(c *providers.Config) { c.ClientSecret = "" }},
		{"AccountSID is empty", func(c *providers.Config) { c.AccountSID = "" }},
		{"AuthToken has a character", func(c *providers.Config) { c.AuthToken = "pa55 word" }},
		{"SMSFrom is empty", func(c *providers.Config) { c.SMSFrom = "" }},
		{"Timeout is -1s", func(c *providers.Config) { c.Timeout = -time.Second }},
		{"MaxConns is -1", func(c *providers.Config) { c.MaxConns = -1 }},
	} {
		t.Run(test.want, func(t *testing.T) {
			wrong := good
			test.change(&wrong)
			_, err := providers.New(wrong)
			require.ErrorContains(t, err, test.want)
			require.NotContains(t, err.Error(), "pa55")
		})
	}
	err := providers.Config{}.Validate()
	require.ErrorContains(t, err, "SuggestURL")
	require.ErrorContains(t, err, "SMSFrom", "every problem at once")
}

func TestSecretsAreNotPrinted(t *testing.T) {
	cfg := config("http://127.0.0.1:1", memnet.New())
	token := providers.Token{Access: "acc355", Refresh: "refr35h"}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("m", "token", token, "config", cfg)
	for _, shown := range []string{
		fmt.Sprintf("%v %+v %#v %s", cfg, cfg, cfg, cfg),
		fmt.Sprintf("%v %+v %#v %s", token, token, token, token),
		log.String(),
	} {
		for _, secret := range []string{"acc355", "refr35h", clientSecret, smsPassword, suggestToken} {
			require.NotContains(t, shown, secret)
		}
	}
}
