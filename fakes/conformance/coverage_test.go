package conformance

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/fakes/upstash/commands"
)

// untold are the commands of the table that no case sends, and why.
var untold = map[string]string{
	"JSON.":    "neither engine of the suite has them",
	"SEARCH.":  "neither engine of the suite has them, nor has any Redis",
	"FUNCTION": "the embedded engine has none",
	"FCALL":    "the embedded engine has none",
	"ACL":      "fakes/upstash tests them: they are Upstash's own, and change who may do what on a shared database",
	"MONITOR":  "exerciseEvents and fakes/upstash test it: its lines hold times and addresses",
}

func TestEachCommandHasACase(t *testing.T) {
	cases, err := loadTranscripts("")
	require.NoError(t, err)
	told := map[string]bool{}
	for _, c := range cases {
		for _, name := range c.commands() {
			told[name] = true
		}
	}
	used := map[string]bool{}
	for _, cmd := range commands.All() {
		exempt := ""
		for start := range untold {
			if strings.HasPrefix(cmd.Name, start) {
				exempt = start
			}
		}
		switch {
		case exempt != "":
			used[exempt] = true
			if told[cmd.Name] {
				t.Errorf("%s has a case and an exemption (%q)", cmd.Name, exempt)
			}
		case !told[cmd.Name]:
			t.Errorf("no case sends %s", cmd.Name)
		}
	}
	for start := range untold {
		require.True(t, used[start], "the exemption %q is for nothing", start)
	}
}

func TestCasesHaveNamesOfTheirOwn(t *testing.T) {
	cases, err := loadTranscripts("")
	require.NoError(t, err)
	seen := map[string]bool{}
	for _, c := range cases {
		require.False(t, seen[c.family+c.name], "%s: two cases %q", c.family, c.name)
		seen[c.family+c.name] = true
		require.NotEmpty(t, c.steps, "%s: %s", c.family, c.name)
		require.NotNil(t, c.steps[len(c.steps)-1].want, "%s: %s ends without a reply", c.family, c.name)
	}
}
