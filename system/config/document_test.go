package config

import (
	"flag"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "rewrite system/docs/environment.md")

const document = "../docs/environment.md"

const documentHead = `# Environment variables

What the service reads at start. All problems are reported at once, a line for each, and the service then
exits with code 2. An empty variable counts as unset. Durations are written with a unit: ` + "`250ms`, `10s`, `1h`" + `.

The other exit codes: 0 stopped as asked (SIGINT or SIGTERM, also while it starts), 3 could not start (a credential is
wrong, a server does not answer, the port is taken), 5 the shutdown was not clean or another internal error.

"with REST" means: where the stage's plan puts cache and limiters on REST, which is phase1 and later, or
` + "`KV_TRANSPORT=rest`" + `. "with TLS" means: unless ` + "`REDIS_TLS=false`" + `.

The way back: ` + "`STAGE`" + ` set to an earlier stage, or one of its choices overridden. ` + "`THRIFT=off`" + ` on phase2 or phase3 gives back
plain asynq on the shared worker set, with the same jobs in the same keys; ` + "`WORKER_SET=per-queue`" + ` gives back a connection
set for each queue, without thrift, which needs the shared one. ` + "`KV_TRANSPORT=tcp`" + ` takes cache and limiters off REST.

This table is checked against the code: after a change there, run
` + "`go test ./system/config -run TestDocument -update`" + `.

| Variable | What it sets | Default | Needed |
|---|---|---|---|
`

// render writes the document from the table of variables.
func render() string {
	var b strings.Builder
	b.WriteString(documentHead)
	values := reflect.ValueOf(defaults())
	for i, f := range reflect.VisibleFields(values.Type()) {
		shownDefault := "none"
		if v := values.Field(i); v.Kind() == reflect.Bool || !v.IsZero() {
			shownDefault = fmt.Sprintf("`%v`", v.Interface())
		}
		needed := f.Tag.Get("needed")
		if needed == "" {
			needed = "no"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", f.Tag.Get("env"), f.Tag.Get("doc"), shownDefault, needed)
	}
	return b.String()
}

func TestDocumentEqualsTheTableOfVariables(t *testing.T) {
	if *update {
		require.NoError(t, os.WriteFile(document, []byte(render()), 0o644))
	}
	got, err := os.ReadFile(document)
	require.NoError(t, err)
	require.Equal(t, render(), string(got), "run: go test ./system/config -run TestDocument -update")
}

// The needed column says the truth: an environment with only STAGE lacks
// exactly the variables marked as needed.
func TestNeededVariablesAreThoseReportedMissing(t *testing.T) {
	for _, stage := range Stages() {
		want := map[string]bool{}
		for _, f := range reflect.VisibleFields(reflect.TypeFor[variables]()) {
			switch f.Tag.Get("needed") {
			case "always", "with TLS":
				want[f.Tag.Get("env")] = true
			case "with REST":
				if stage != StageLegacy {
					want[f.Tag.Get("env")] = true
				}
			}
		}
		delete(want, "STAGE")

		_, err := Load(map[string]string{"STAGE": string(stage)})
		var invalid *Error
		require.ErrorAs(t, err, &invalid)
		got := map[string]bool{}
		for _, p := range invalid.Problems {
			require.Empty(t, p.Value, "%s is set but reported", p.Variable)
			got[p.Variable] = true
		}
		require.Equal(t, want, got, "stage %s", stage)
	}
}

// Every field of the table has a distinct variable and a text, and reaches
// Config: a variable that nobody reads would be a trap.
func TestEveryVariableReachesConfig(t *testing.T) {
	seen := map[string]bool{}
	for i, f := range reflect.VisibleFields(reflect.TypeFor[variables]()) {
		name := f.Tag.Get("env")
		require.NotEmpty(t, name)
		require.NotEmpty(t, f.Tag.Get("doc"), name)
		require.False(t, seen[name], name)
		seen[name] = true

		var vars variables
		switch field := reflect.ValueOf(&vars).Elem().Field(i); field.Kind() {
		case reflect.String:
			field.SetString("x")
		case reflect.Bool:
			field.SetBool(true)
		default:
			field.SetInt(7)
		}
		require.NotEqual(t, variables{}.config(), vars.config(), "%s is dropped", name)
	}
}
