package upstash

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/fakes/upstash/commands"
)

func TestWaitsAreBoundedTogether(t *testing.T) {
	for name, request := range map[string][]struct{ sent, goes string }{
		"without end":    {{"WAIT 1 0", "WAIT 1 1000"}, {"WAIT 1 0", "WAIT 1 1"}},
		"long":           {{"WAIT 1 60000", "WAIT 1 1000"}, {"WAITAOF 1 0 30000", "WAITAOF 1 0 1"}},
		"short":          {{"WAIT 1 400", "WAIT 1 400"}, {"GET k", "GET k"}, {"WAIT 1 700", "WAIT 1 600"}},
		"refused":        {{"WAIT 1 -5", "WAIT 1 -5"}, {"WAIT 1 soon", "WAIT 1 soon"}, {"WAIT 1", "WAIT 1"}},
		"another's zero": {{"SET k 0", "SET k 0"}},
	} {
		t.Run(name, func(t *testing.T) {
			var w waits
			for _, command := range request {
				var args [][]byte
				for _, word := range strings.Fields(command.sent) {
					args = append(args, []byte(word))
				}
				cmd, _ := commands.Lookup(args)
				var goes []string
				for _, word := range w.bound(cmd, args) {
					goes = append(goes, string(word))
				}
				require.Equal(t, command.goes, strings.Join(goes, " "))
			}
		})
	}
}
