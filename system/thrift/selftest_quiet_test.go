package thrift_test

import (
	"bytes"
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"
)

// A process of its own, as asynq and go-redis have loggers that keep the standard error they began with.
func TestSelfTestWritesNothing(t *testing.T) {
	test := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestSelfTestPasses$", "-test.count=1", "-test.v")
	var out, log bytes.Buffer
	test.Stdout, test.Stderr = &out, &log
	require.NoErrorf(t, test.Run(), "%s%s", &out, &log)
	require.Contains(t, out.String(), "--- PASS: TestSelfTestPasses")
	require.Empty(t, log.String())
}
