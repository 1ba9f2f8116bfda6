package main

import (
	"bytes"
	"context"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/reports/command"
	"tollgate/reports/exitcode"
)

// Whoever stops a program that still waits for its upstream gets what was asked for.
func TestStoppedWhileStarting(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var stdout, stderr bytes.Buffer
	args := []string{"--upstream=redis://:s3cret@127.0.0.1:1", "--rest-addr=127.0.0.1:0", "--redis-addr=127.0.0.1:0", "--admin-addr=127.0.0.1:0"}
	require.Equal(t, exitcode.Passed, program().Run(ctx, args, command.Streams{Out: &stdout, Err: &stderr, Getenv: os.Getenv}))
	require.Empty(t, stdout.String())
	require.Regexp(t, `^upstash: stopped while starting: .*redis://127\.0\.0\.1:1: [^\n]*\n$`, stderr.String())
	require.NotContains(t, stderr.String(), "s3cret")
}
