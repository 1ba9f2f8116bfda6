package thrift_test

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

// TestMain runs the tests, or, in a child process, the worker that TestKilledProcessesLoseNoJob kills. Of the tests it wants
// that they leave no goroutine behind.
func TestMain(m *testing.M) {
	if orders := os.Getenv(victimVariable); orders != "" {
		os.Exit(victim(orders))
	}
	goleak.VerifyTestMain(m)
}
