package main

import (
	"bytes"
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/fakes/providers"
)

func TestUsage(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, taken.Close()) })
	for name, tt := range map[string]struct {
		args []string
		code int
		want string
	}{
		"unknown flag":       {[]string{"--bogus"}, exitUsage, "unknown flag --bogus"},
		"failures":           {[]string{"--failures=2"}, exitUsage, "--failures 2 is out of range; use 0 to 1"},
		"users":              {[]string{"--users=0"}, exitUsage, "--users 0 is out of range"},
		"port in use":        {[]string{"--addr", taken.Addr().String()}, exitNotStart, "choose a free address with --addr"},
		"file not writeable": {[]string{"--addr=127.0.0.1:0", "--accounts", filepath.Join(t.TempDir(), "no", "file")}, exitUsage, "no such file"},
		"not an address":     {[]string{"--addr", "nonsense"}, exitNotStart, "nonsense"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var stdout, stderr bytes.Buffer
			require.Equal(t, tt.code, run(tt.args, &stdout, &stderr), stderr.String())
			require.Contains(t, stderr.String(), tt.want)
			require.Equal(t, 1, strings.Count(stderr.String(), "\n"), "one line: %s", stderr.String())
			require.Empty(t, stdout.String())
		})
	}
}

func TestAccessAndAccounts(t *testing.T) {
	t.Parallel()
	srv, err := providers.Start(t.Context(), providers.Config{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, srv.Close()) })
	path := filepath.Join(t.TempDir(), "accounts.json")

	require.NoError(t, writeAccounts(path, 3, srv))
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	var all []account
	require.NoError(t, json.Unmarshal(data, &all))
	require.Len(t, all, 3)
	require.Equal(t, account{
		User: "u-2", RefreshToken: "refresh-u-2", Phone: "+12020000002", Webhooks: []string{srv.HookURL("u-2")},
	}, all[2])

	var out bytes.Buffer
	printAccess(&out, options{Accounts: path}, srv)
	for _, line := range []string{"GOOGLE_OAUTH_URL=" + srv.OAuthURL(), "SUGGEST_URL=" + srv.SuggestURL(), "ACCOUNTS_FILE=" + path} {
		require.Contains(t, out.String(), line+"\n")
	}

	out.Reset()
	printServed(&out, map[string]providers.Count{"sms": {Served: 3, Failed: 1}, "hooks": {Served: 2}})
	require.Equal(t, "hooks            served 2, failed 0\nsms              served 3, failed 1\n", out.String())
}
