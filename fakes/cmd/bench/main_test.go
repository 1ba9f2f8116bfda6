package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/stretchr/testify/require"

	"tollgate/reports/command"
	"tollgate/reports/exitcode"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"bench": main})
}

func TestScripts(t *testing.T) {
	t.Parallel()
	self, err := exec.LookPath("bench")
	require.NoError(t, err)
	testscript.Run(t, testscript.Params{
		Dir:  "testdata",
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": exits},
		Setup: func(env *testscript.Env) error {
			env.Setenv("NO_REDIS", filepath.Dir(self)) // where this program is, and no other
			return nil
		},
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

// A run that is cut short says so, with the code for it, and prints no table of half of it.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var stdout, stderr bytes.Buffer
	require.Equal(t, exitcode.Interrupted, program().Run(ctx, nil, command.Streams{Out: &stdout, Err: &stderr, Getenv: os.Getenv}))
	require.Equal(t, "bench: interrupted\n", stderr.String())
	require.Empty(t, stdout.String())
}

// The figures of a place are its median rate and what it is of the direct one, round by round.
func TestRows(t *testing.T) {
	t.Parallel()
	measured := rates{
		{1, "SET", direct}:  {100, 200, 400},
		{1, "SET", viaFake}: {90, 100, 300},
	}
	require.Equal(t, []row{
		{1, "SET", direct, 200, 100, 100, 100, []float64{100, 200, 400}},
		{1, "SET", viaFake, 100, 75, 50, 90, []float64{90, 100, 300}},
	}, measured.rows())
	require.InDelta(t, 150, median([]float64{200, 100}), 0)
}
