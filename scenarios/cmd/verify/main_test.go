package main

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/stretchr/testify/require"

	"tollgate/reports"
	"tollgate/reports/exitcode"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"verify": main})
}

func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:  "testdata/script",
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

// An interrupted run ends soon, writes what it has, marked partial, says why in
// one line and exits with 4.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	out := t.TempDir()
	stdout, err := os.Create(filepath.Join(out, "stdout"))
	require.NoError(t, err)
	defer stdout.Close()
	stderr, err := os.Create(filepath.Join(out, "stderr"))
	require.NoError(t, err)
	defer stderr.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
	defer cancel()

	require.Equal(t, exitcode.Interrupted, run(ctx, []string{"phase1", "--out", out}, stdout, stderr))
	said, err := os.ReadFile(stderr.Name())
	require.NoError(t, err)
	require.Regexp(t, `\nverify: loadgen: run stopped after [^\n]*\n$`, string(said))

	f, err := os.Open(filepath.Join(out, "phase1", "result.json"))
	require.NoError(t, err)
	defer f.Close()
	result, err := reports.ReadJSON(f)
	require.NoError(t, err)
	require.True(t, result.Partial)
	require.Equal(t, reports.DecisionInterrupted, result.Decision)
	require.FileExists(t, filepath.Join(out, "phase1", "report.html"))
}
