package engine

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestParseAddress(t *testing.T) {
	for raw, want := range map[string]address{
		"redis://localhost":                   {host: "localhost", port: "6379"},
		"redis://127.0.0.1:7000/":             {host: "127.0.0.1", port: "7000"},
		"redis://[::1]:7000/0":                {host: "::1", port: "7000"},
		"redis://:pa%40ss@host":               {host: "host", port: "6379", password: "pa@ss"},
		"rediss://default:secret@db.test:443": {host: "db.test", port: "443", tls: true, user: "default", password: "secret"},
	} {
		got, err := parseAddress(raw)
		require.NoError(t, err, raw)
		require.Equal(t, want, got, raw)
		require.NotContains(t, got.String(), "secret")
	}
}

func TestParseAddressSaysWhatIsWrong(t *testing.T) {
	for raw, want := range map[string]string{
		"":                                   "not the URL of a Redis",
		"127.0.0.1:6379":                     "not the URL of a Redis",
		"redis://":                           "not the URL of a Redis",
		"redis:secret":                       "not the URL of a Redis",
		"redis://u:secret@host:port":         "not the URL of a Redis",
		"https://u:secret@host":              `its scheme is "https"`,
		"redis://u:secret@host/3":            `redis://host:6379 asks for database "3"`,
		"rediss://u:secret@host/0?x=secret":  "rediss://host:6379 has options",
		"redis://user@host":                  `names user "user" without a password`,
		"redis://u:secret@ho st":             "not the URL of a Redis",
		"redis://u:secret%zz@host":           "not the URL of a Redis",
		"redis://u:secret@host/0#secret":     "has options",
		"redis://u:secret@host/secret\x00:0": "not the URL of a Redis",
	} {
		_, err := parseAddress(raw)
		require.ErrorContains(t, err, want, raw)
		require.NotContains(t, err.Error(), "secret", raw)
	}
}

func TestParseCommandStats(t *testing.T) {
	info := "# Commandstats\r\ncmdstat_client|info:calls=1,usec=7\r\ncmdstat_client|list:calls=2,usec=1\r\n" +
		"cmdstat_get:calls=3,usec=4,rejected_calls=1\r\ncmdstat_bad:calls=x\r\nother:1\r\ncmdstat_alone\r\n"
	require.Equal(t, map[string]int64{"CLIENT": 3, "GET": 3}, parseCommandStats(info))
	require.Equal(t, "1", infoField(info, "other"))
	require.Empty(t, infoField(info, "run_id"))
}
