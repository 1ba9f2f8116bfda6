package conformance_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"testing"

	"go.uber.org/goleak"
)

// TestMain runs the tests, or, in a child process, the clients of TestHoldsTenThousandConnections. Of the tests
// it wants that they leave no goroutine behind, and that no fake has logged a secret.
func TestMain(m *testing.M) {
	if addr := os.Getenv(crowdVariable); addr != "" {
		os.Exit(crowd(addr))
	}
	code := m.Run()
	if err := goleak.Find(); code == 0 && err != nil {
		fmt.Fprintln(os.Stderr, "goroutines were left behind:", err)
		code = 1
	}
	if found := logged.secrets(); found > 0 {
		fmt.Fprintln(os.Stderr, "secrets in what the fakes have logged:", found)
		code = 1
	}
	os.Exit(code)
}

// logged is what all fakes of these tests have logged, at the level of debugging.
var logged recorder

// recorder keeps a log. Its zero value is ready to use.
type recorder struct {
	mu  sync.Mutex
	log bytes.Buffer
}

func (r *recorder) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.log.Write(p)
}

func (r *recorder) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.log.String()
}

// secrets counts the secrets in the log.
func (r *recorder) secrets() (found int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, secret := range []string{fullToken, readOnlyToken, password, readerPassword} {
		found += bytes.Count(r.log.Bytes(), []byte(secret))
	}
	return found
}

func (r *recorder) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(r, &slog.HandlerOptions{Level: slog.LevelDebug}))
}
