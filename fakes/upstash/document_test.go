package upstash

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/fakes/upstash/commands"
	"tollgate/fakes/upstash/engine"
)

var update = flag.Bool("update", false, "write COMMANDS.md anew")

const documentFile = "COMMANDS.md"

const documentHead = `# Commands

Written by ` + "`go test ./fakes/upstash -run TestDocument -update`" + ` from the table in package commands; do not edit.

Upstash has %d commands, of which %d are answered without Docker and without a Redis: by the fake itself or by its embedded
engine. With another engine all of them are passed on that this engine has.

- **Words**: how many a call has, the name's own included; "3+" is three or more. As Redis 8.2 has it.
- **Kind**: a *read* changes nothing. A *write* is refused when the database is full, unless it *frees*: takes data away, now
  or in time. Writes are billed once more for each read region.
- **Billed**: what Upstash charges for.
- **REST**: what the REST API takes; XREAD and XREADGROUP there without BLOCK. SUBSCRIBE, PSUBSCRIBE and MONITOR have paths of
  their own, MULTI and EXEC the path /multi-exec.
- **Read-only**: what a read-only token or user may do.
- **Embedded**: what answers it with the embedded engine: that engine, the *fake* itself, or nothing.
`

// TestDocument keeps COMMANDS.md in step with the table.
func TestDocument(t *testing.T) {
	e, err := engine.NewEmbedded()
	require.NoError(t, err)
	defer func() { require.NoError(t, e.Close()) }()
	want := document(e)
	if *update {
		require.NoError(t, os.WriteFile(documentFile, []byte(want), 0o644))
	}
	got, err := os.ReadFile(documentFile)
	require.NoError(t, err)
	require.Equal(t, want, string(got), "run: go test ./fakes/upstash -run TestDocument -update")
}

func document(e engine.Supporter) string {
	all, answered := commands.All(), 0
	for _, c := range all {
		if answeredBy(e, c) != "-" {
			answered++
		}
	}
	var doc strings.Builder
	fmt.Fprintf(&doc, documentHead, len(all), answered)
	for _, group := range commands.Groups() {
		documentGroup(&doc, e, group)
	}
	doc.WriteString("\n## What Upstash lacks\n\nThese commands of Redis 8.2 are refused, as any unknown one is, and counted as unsupported.\n\n" +
		"| | |\n|---|---|\n")
	for _, group := range commands.Groups() {
		var names []string
		for _, c := range commands.Absent() {
			if c.Group() == group {
				names = append(names, c.Name)
			}
		}
		if len(names) > 0 {
			fmt.Fprintf(&doc, "| %s | %s |\n", group, strings.Join(names, ", "))
		}
	}
	return doc.String()
}

func documentGroup(doc *strings.Builder, e engine.Supporter, group string) {
	var rows []string
	for _, c := range commands.All() {
		if c.Group() != group {
			continue
		}
		words := fmt.Sprint(c.Arity)
		if c.Arity < 0 {
			words = fmt.Sprintf("%d+", -c.Arity)
		}
		kind := "read"
		switch {
		case c.Deletes:
			kind = "write, frees"
		case c.Write:
			kind = "write"
		}
		rows = append(rows, fmt.Sprintf("| %s | %s | %s | %s | %s | %s | %s |",
			c.Name, words, kind, mark(!c.Unbilled), mark(!c.NoREST), mark(!c.NoReadOnly), answeredBy(e, c)))
	}
	if len(rows) > 0 {
		fmt.Fprintf(doc, "\n## %s\n\n| Command | Words | Kind | Billed | REST | Read-only | Embedded |\n|---|---|---|---|---|---|---|\n%s\n",
			group, strings.Join(rows, "\n"))
	}
}

func answeredBy(e engine.Supporter, c commands.Command) string {
	first, _, _ := strings.Cut(c.Name, " ")
	switch {
	case answersItself(c.Name):
		return "fake"
	case changesUsers(c.Name), !e.Supports(first):
		return "-"
	default:
		return "yes"
	}
}

func mark(yes bool) string {
	if yes {
		return "yes"
	}
	return "-"
}
