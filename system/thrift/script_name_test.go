package thrift

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestEveryScriptHasAName(t *testing.T) {
	for sha, known := range shapes {
		require.NotEmpty(t, kindNames[known[0].kind], sha)
	}
	require.Equal(t, "asynq: dequeue", ScriptName("a8153319360adc71cdc370107f8ab9786f204765"))
	require.Equal(t, "thrift: fetch", ScriptName(fetchScript.Hash()))
	require.Empty(t, ScriptName("0000000000000000000000000000000000000000"))
}
