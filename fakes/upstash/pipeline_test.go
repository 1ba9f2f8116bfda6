package upstash_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/fakes/upstash/resp"
)

// TestPipelineIsBookedBeforeItIsAnswered, although its commands are booked together: by the engine or by the server, and
// whether they fill the buffers on the way to the engine or not.
func TestPipelineIsBookedBeforeItIsAnswered(t *testing.T) {
	for name, dedicated := range map[string]bool{"shared connection": false, "connection of its own": true} {
		for size, count := range map[string]int{"short": 3, "long": 2000} {
			t.Run(name+", "+size, func(t *testing.T) {
				cfg := settings(t)
				cfg.DedicatedConnections = dedicated
				f := start(t, cfg)
				c := login(t, f)
				before := f.Ledger().Snapshot().Total.Wire

				pipeline := strings.Repeat(string(resp.AppendCommand(nil, []byte("GET"), []byte("k"))), count)
				_, err := c.conn.Write([]byte(pipeline + "INFO stats\r\n"))
				require.NoError(t, err)
				for i := range count {
					c.line("$-1")
					require.Greater(t, f.Ledger().Snapshot().ByCommand["GET"].Wire, int64(i))
				}
				info, err := resp.ReadValue(c.r, resp.Limits{})
				require.NoError(t, err)
				require.Contains(t, info.Text(), fmt.Sprintf("total_commands_processed:%d\r\n", before+int64(count)+1))
			})
		}
	}
}
