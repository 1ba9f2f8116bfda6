package commands_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tollgate/fakes/upstash/commands"
)

// TestFinderAgreesWithLookup, whatever was asked for before.
func TestFinderAgreesWithLookup(t *testing.T) {
	lines := []string{"", "GET k", "get k", "Get", "SET k v", "CLIENT", "CLIENT GETNAME", "CLIENT KILL", "client setname x", "nothing", "OBJECT", "ACL", "ACL LIST"}
	for _, c := range commands.All() {
		lines = append(lines, c.Name, strings.ToLower(c.Name)+" k")
	}
	rapid.Check(t, func(rt *rapid.T) {
		var finder commands.Finder
		for _, line := range rapid.SliceOf(rapid.SampledFrom(lines)).Draw(rt, "lines") {
			args := words(line)
			for range 2 {
				want, known := commands.Lookup(args)
				got, ok := finder.Lookup(args)
				require.Equal(rt, known, ok, line)
				require.Equal(rt, want, got, line)
			}
			if len(args) > 0 {
				clear(args[0]) // it is the caller's again
			}
		}
	})
}
