package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/stretchr/testify/require"

	"tollgate/fakes/providers"
	"tollgate/reports/command"
	"tollgate/reports/exitcode"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"providers": main})
}

func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:  "testdata",
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": exits},
	})
}

// exits CODE COMMAND... runs a command and demands its exit code.
func exits(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		exit, ok := err.(interface{ ExitCode() int })
		if !ok {
			ts.Fatalf("%v: %v", args[1:], err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("%v exited with %d, want %d", args[1:], got, want)
	}
}

func TestNotStarted(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, taken.Close()) })
	for name, tt := range map[string]struct {
		args []string
		code int
		want string
	}{
		"port in use":        {[]string{"--addr", taken.Addr().String()}, exitcode.NotStarted, "choose a free address with --addr"},
		"not an address":     {[]string{"--addr", "nonsense"}, exitcode.NotStarted, "nonsense"},
		"file not writeable": {[]string{"--addr=127.0.0.1:0", "--accounts", filepath.Join(t.TempDir(), "no", "file")}, exitcode.Usage, "no such file"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var stdout, stderr bytes.Buffer
			require.Equal(t, tt.code, program().Run(t.Context(), tt.args, command.Streams{Out: &stdout, Err: &stderr, Getenv: os.Getenv}))
			require.Contains(t, stderr.String(), tt.want)
			require.Equal(t, 1, strings.Count(stderr.String(), "\n"), "one line: %s", stderr.String())
			require.Empty(t, stdout.String())
		})
	}
}

// stopper tells a server to stop once it has said how to reach it.
type stopper struct {
	bytes.Buffer
	stop context.CancelFunc
}

func (s *stopper) Write(p []byte) (int, error) {
	if bytes.Contains(p, []byte("SUGGEST_URL=http://127.0.0.1:")) {
		s.stop()
	}
	return s.Buffer.Write(p)
}

// TestStopped is a server that is told to stop, which is no error, and whose counts are for a machine.
func TestStopped(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var stdout bytes.Buffer
	stderr := &stopper{stop: stop}
	args := []string{"--addr=127.0.0.1:0", "--json"}
	require.Equal(t, exitcode.Passed, program().Run(ctx, args, command.Streams{Out: &stdout, Err: stderr, Getenv: os.Getenv}))
	require.JSONEq(t, "{}", stdout.String(), "nothing was served, and the variables are beside it")
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
	counts := map[string]providers.Count{"sms": {Served: 3, Failed: 1, ByStatus: map[int]int64{200: 3, 429: 1}}, "hooks": {Served: 2}}
	printServed(&out, counts)
	require.Equal(t, "hooks            served 2, failed 0\nsms              served 3, failed 1\n", out.String())

	out.Reset()
	require.NoError(t, printJSON(&out, counts))
	var served map[string]providers.Count
	require.NoError(t, json.Unmarshal(out.Bytes(), &served))
	require.Equal(t, counts, served)
}
