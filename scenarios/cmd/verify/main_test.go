package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/stretchr/testify/require"

	"tollgate/fakes/redisserver"
	"tollgate/reports"
	"tollgate/reports/command"
	"tollgate/reports/exitcode"
	"tollgate/scenarios/month"
)

func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == month.ChildArgument { // of TestInterruptedMonth
		month.Child()
	}
	testscript.Main(m, map[string]func(){"verify": main})
}

func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:  "testdata/script",
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": exits, "redis": startRedis},
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

// startRedis VARIABLE starts a redis-server for the rest of the script and puts its
// URL into a variable.
func startRedis(ts *testscript.TestScript, _ bool, args []string) {
	server, err := redisserver.Start(context.Background(), redisserver.Config{})
	ts.Check(err)
	ts.Defer(func() { ts.Check(server.Stop()) })
	ts.Setenv(args[0], server.URL())
}

// interrupter is a standard error that ends the run when something is said.
type interrupter struct {
	text   string
	cancel context.CancelFunc

	mu  sync.Mutex
	all bytes.Buffer
}

// stopAt returns a standard error and a context that ends when the text is written to it, or after a bound that no machine needs.
func stopAt(t *testing.T, text string) (*interrupter, context.Context) {
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	t.Cleanup(cancel)
	return &interrupter{text: text, cancel: cancel}, ctx
}

func (i *interrupter) Write(p []byte) (int, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.all.Write(p)
	if strings.Contains(i.all.String(), i.text) {
		i.cancel()
	}
	return len(p), nil
}

func (i *interrupter) said() string {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.all.String()
}

// An interrupted run ends soon, writes what it has, marked partial, says why in
// one line and exits with 4.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	out := t.TempDir()
	stdout, err := os.Create(filepath.Join(out, "stdout"))
	require.NoError(t, err)
	defer stdout.Close()
	stderr, ctx := stopAt(t, " sent ")

	require.Equal(t, exitcode.Interrupted, program().Run(ctx, []string{"phase1", "--out", out}, command.Streams{Out: stdout, Err: stderr, Getenv: os.Getenv}))
	require.Regexp(t, `\nverify: loadgen: run stopped after [^\n]*\n$`, stderr.said())

	f, err := os.Open(filepath.Join(out, "phase1", "result.json"))
	require.NoError(t, err)
	defer f.Close()
	result, err := reports.ReadJSON(f)
	require.NoError(t, err)
	require.True(t, result.Partial)
	require.Equal(t, reports.DecisionInterrupted, result.Decision)
	require.FileExists(t, filepath.Join(out, "phase1", "report.html"))
}

// An interrupted month shows what is known of it so far, marked partial, and exits with 4.
func TestInterruptedMonth(t *testing.T) {
	t.Parallel()
	out := t.TempDir()
	stdout, err := os.Create(filepath.Join(out, "stdout"))
	require.NoError(t, err)
	defer stdout.Close()
	stderr, ctx := stopAt(t, "phase2, seed 20240601, 30 days  2000-")

	args := []string{"month", "--stage", "phase2", "--seeds", "1", "--hours", "1", "--window", "0s", "--out", out}
	require.Equal(t, exitcode.Interrupted, program().Run(ctx, args, command.Streams{Out: stdout, Err: stderr, Getenv: os.Getenv}))
	require.Regexp(t, `phase2, seed 20240601, 30 days: stopped after [^,]+, [0-9,]+ billed`, stderr.said())
	shown, err := os.ReadFile(stdout.Name())
	require.NoError(t, err)
	require.Contains(t, string(shown), "INTERRUPTED")

	f, err := os.Open(filepath.Join(out, "month-phase2", "result.json"))
	require.NoError(t, err)
	defer f.Close()
	result, err := reports.ReadJSON(f)
	require.NoError(t, err)
	require.True(t, result.Partial)
	require.Equal(t, reports.DecisionInterrupted, result.Decision)
	var titles []string
	for _, table := range result.Tables {
		titles = append(titles, table.Title)
	}
	require.Contains(t, titles, "Days", "what was simulated is in it")
}
