package conformance_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/fakes/memnet"
	"tollgate/fakes/upstash"
)

// scriptTimeout bounds one run of Node.
const scriptTimeout = 2 * time.Minute

// javaScript starts a fake, and gives what makes a run of Node that knows its
// address. It skips where Node or Upstash's libraries are missing.
func javaScript(t *testing.T) (server *upstash.Server, node func(args ...string) *exec.Cmd) {
	program, err := exec.LookPath("node")
	if err != nil {
		t.Skip("node is not installed: ", err)
	}
	if _, err := os.Stat(filepath.Join("js", "node_modules", "@upstash")); err != nil {
		t.Skip("Upstash's libraries are not there: run `make js`, which is npm ci in fakes/conformance/js")
	}
	server, err = upstash.Start(t.Context(), upstash.Config{
		Network:  memnet.TCP(),
		Logger:   logged.logger(),
		RESTAddr: "127.0.0.1:0",
		Tokens:   []upstash.Token{{Value: fullToken}, {Value: readOnlyToken, ReadOnly: true}},
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, server.Close()) })
	ctx, cancel := context.WithTimeout(t.Context(), scriptTimeout)
	t.Cleanup(cancel)
	return server, func(args ...string) *exec.Cmd {
		cmd := exec.CommandContext(ctx, program, args...)
		cmd.Dir = "js"
		cmd.Env = append(os.Environ(),
			"FAKE_URL="+server.RESTURL(), "FAKE_TOKEN="+fullToken, "FAKE_READ_ONLY_TOKEN="+readOnlyToken,
			"UPSTASH_DISABLE_TELEMETRY=1", "NO_COLOR=1")
		return cmd
	}
}

// Upstash's own library for JavaScript works against the fake.
func TestJavaScriptSDK(t *testing.T) {
	_, node := javaScript(t)
	output, err := node("--test", "--test-force-exit", "--test-reporter=spec").CombinedOutput()
	require.NoError(t, err, "%s", output)
	t.Logf("%s", output)
}

// The ledger bills what Upstash's own page says that its rate limiter costs:
// https://upstash.com/docs/redis/sdks/ratelimit-ts/costs
func TestJavaScriptRateLimiterCosts(t *testing.T) {
	server, node := javaScript(t)
	for _, c := range []struct {
		algorithm string
		limit     int
		billed    []int64 // per call
		allowed   []bool
	}{
		{"fixedWindow", 2, []int64{3, 2, 2}, []bool{true, true, false}},
		{"slidingWindow", 2, []int64{5, 4, 3}, []bool{true, true, false}},
		{"tokenBucket", 10, []int64{4, 4}, []bool{true, true}},
	} {
		t.Run(c.algorithm, func(t *testing.T) {
			limiter := node("ratelimit.mjs", c.algorithm, strconv.Itoa(c.limit))
			limiter.Stderr = os.Stderr
			identifiers, err := limiter.StdinPipe()
			require.NoError(t, err)
			output, err := limiter.StdoutPipe()
			require.NoError(t, err)
			require.NoError(t, limiter.Start())
			answers := bufio.NewReader(output)
			call := func(identifier string) (billed int64, allowed string) {
				before := server.Ledger().Snapshot()
				_, err := fmt.Fprintln(identifiers, identifier)
				require.NoError(t, err)
				allowed, err = answers.ReadString('\n')
				require.NoError(t, err)
				return server.Ledger().Snapshot().Since(before).Total.Billed, allowed
			}
			call("who brings the script") // EVALSHA misses, which is billed too
			for i, want := range c.billed {
				billed, allowed := call("somebody")
				require.Equal(t, want, billed, "call %d", i+1)
				require.Equal(t, strconv.FormatBool(c.allowed[i])+"\n", allowed, "call %d", i+1)
			}
			require.NoError(t, identifiers.Close())
			require.NoError(t, limiter.Wait())
		})
	}
}
