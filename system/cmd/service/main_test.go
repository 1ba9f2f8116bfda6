package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/stretchr/testify/require"

	"tollgate/fakes/upstash"
	"tollgate/reports/exitcode"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"service": main})
}

func TestScripts(t *testing.T) {
	t.Parallel()
	fake, err := upstash.Start(t.Context(), upstash.Config{
		RESPAddr: "127.0.0.1:0", RESTAddr: "127.0.0.1:0",
		Tokens: []upstash.Token{{Value: "right-token", Component: "rest"}},
		Users:  []upstash.User{{Name: "default", Password: "right-password"}},
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, fake.Close()) })
	_, port, _ := strings.Cut(fake.RESPAddr(), ":")
	testscript.Run(t, testscript.Params{
		Dir:  "testdata/script",
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": exits, "serves": serves},
		Setup: func(env *testscript.Env) error {
			for name, value := range map[string]string{
				"STAGE": "phase2", "HTTP_ADDR": "127.0.0.1:0", "TAKEN_ADDR": fake.RESPAddr(),
				"UPSTASH_REDIS_REST_URL": fake.RESTURL(), "UPSTASH_REDIS_REST_TOKEN": "right-token",
				"REDIS_HOST": "127.0.0.1", "REDIS_PORT": port, "REDIS_PASSWORD": "right-password", "REDIS_TLS": "false",
				"GOOGLE_CLIENT_ID": "client", "GOOGLE_CLIENT_SECRET": "secret",
				"TWILIO_ACCOUNT_SID": "AC1", "TWILIO_AUTH_TOKEN": "token", "TWILIO_FROM": "+12025550100",
				"SUGGEST_URL": "http://127.0.0.1:1/suggest",
			} {
				env.Setenv(name, value)
			}
			return nil
		},
	})
}

// The exit codes are those of every command, in its words.
func TestExitCodes(t *testing.T) {
	t.Parallel()
	require.Equal(t, exitcode.Passed, exitOK)
	for own, table := range map[int]int{exitUsage: exitcode.Usage, exitNotStarted: exitcode.NotStarted, exitInternal: exitcode.Internal} {
		require.Equal(t, table, own)
		require.Contains(t, help, fmt.Sprintf(", %d %s", table, exitcode.Text(table)))
	}
}

// Whoever stops a service that still starts gets what was asked for.
func TestStoppedWhileStarting(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var stdout, stderr bytes.Buffer
	env := map[string]string{
		"STAGE": "phase2", "HTTP_ADDR": "127.0.0.1:0",
		"UPSTASH_REDIS_REST_URL": "http://127.0.0.1:1", "UPSTASH_REDIS_REST_TOKEN": "right-token",
		"REDIS_HOST": "127.0.0.1", "REDIS_PORT": "1", "REDIS_PASSWORD": "right-password", "REDIS_TLS": "false",
		"GOOGLE_CLIENT_ID": "client", "GOOGLE_CLIENT_SECRET": "secret",
		"TWILIO_ACCOUNT_SID": "AC1", "TWILIO_AUTH_TOKEN": "token", "TWILIO_FROM": "+12025550100",
		"SUGGEST_URL": "http://127.0.0.1:1/suggest",
	}
	require.Equal(t, exitOK, run(ctx, nil, env, &stdout, &stderr), stderr.String())
	require.Empty(t, stdout.String())
	require.Contains(t, stderr.String(), "service: stopped while starting: service: stage phase2: ")
}

// exits CODE COMMAND... runs a command and demands its exit code.
func exits(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		exit, ok := err.(*exec.ExitError) //nolint:errorlint // Exec returns it as it is
		if !ok {
			ts.Fatalf("%v: %v", args[1:], err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("%v exited with %d, want %d", args[1:], got, want)
	}
}

// serves starts the service, asks for its health, ends it with a signal and
// demands a clean exit.
func serves(ts *testscript.TestScript, _ bool, _ []string) {
	cmd := exec.Command("service")
	for _, name := range []string{
		"PATH", "STAGE", "HTTP_ADDR", "UPSTASH_REDIS_REST_URL", "UPSTASH_REDIS_REST_TOKEN", "REDIS_HOST", "REDIS_PORT",
		"REDIS_PASSWORD", "REDIS_TLS", "GOOGLE_CLIENT_ID", "GOOGLE_CLIENT_SECRET", "TWILIO_ACCOUNT_SID",
		"TWILIO_AUTH_TOKEN", "TWILIO_FROM", "SUGGEST_URL",
	} {
		cmd.Env = append(cmd.Env, name+"="+ts.Getenv(name))
	}
	cmd.Stderr = ts.Stderr()
	stdout, err := cmd.StdoutPipe()
	ts.Check(err)
	ts.Check(cmd.Start())
	watchdog := time.AfterFunc(30*time.Second, func() { _ = cmd.Process.Kill() })
	defer watchdog.Stop()
	lines := bufio.NewScanner(stdout)
	if !lines.Scan() {
		ts.Fatalf("the service printed nothing: %v", cmd.Wait())
	}
	url, ok := strings.CutPrefix(lines.Text(), "stage phase2 listens on ")
	if !ok {
		ts.Fatalf("unexpected first line %q", lines.Text())
	}
	resp, err := http.Get(url + "/healthz")
	ts.Check(err)
	body, err := io.ReadAll(resp.Body)
	ts.Check(err)
	ts.Check(resp.Body.Close())
	if resp.StatusCode != http.StatusOK {
		ts.Fatalf("/healthz answered %d: %s", resp.StatusCode, body)
	}
	ts.Check(cmd.Process.Signal(syscall.SIGTERM))
	for lines.Scan() {
		ts.Logf("%s", lines.Text())
	}
	ts.Check(cmd.Wait())
}
