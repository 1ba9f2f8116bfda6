package thrift

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The shapes are of one version of asynq. Whoever changes go.mod has to look at them, not only at the self-test.
func TestGoModPinsAsynq(t *testing.T) {
	const module, version = "github.com/hibiken/asynq", "v0.26.0"
	data, err := os.ReadFile("../../go.mod")
	require.NoError(t, err)
	var found []string
	for line := range strings.Lines(string(data)) {
		if strings.Contains(line, module) {
			found = append(found, strings.TrimSpace(strings.TrimPrefix(line, "require ")))
		}
	}
	require.Equal(t, []string{module + " " + version}, found, "one line, and no replacement")
}
