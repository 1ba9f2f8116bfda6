package signoff_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/reports"
	"tollgate/reports/signoff"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares got with a file under testdata, or writes it with -update.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(path, got, 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err, "run go test ./reports/signoff -update to make it")
	require.Equal(t, string(want), string(got), "golden file %s", path)
}

// samples are reports of each decision.
func samples(t *testing.T) map[string]signoff.Report {
	t.Helper()
	results := good()
	results[0].WayBack = "STAGE=legacy and a restart."
	results[1].Notes = []string{"The seed does not control asynq's jitter."}
	deploy, err := signoff.New(results, signoff.Options{Required: []string{"phase1", "phase2"}})
	require.NoError(t, err)
	bad := good()[:1]
	bad[0] = result("phase1", judged("phase1-api-p95", "api.p95.ratio", reports.AtMost, 1.1, 1.2, "ratio"))
	not, err := signoff.New(bad, signoff.Options{Required: []string{"phase1", "phase2"}})
	require.NoError(t, err)
	return map[string]signoff.Report{"deploy": deploy, "not": not}
}

// style is package reports' own, and tested there.
var style = regexp.MustCompile(`(?s)<style>.*</style>\n`)

func TestHTML(t *testing.T) {
	for name, r := range samples(t) {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			require.NoError(t, signoff.WriteHTML(&b, r))
			golden(t, name+".html", style.ReplaceAll(b.Bytes(), nil))
		})
	}
}

func TestTerminal(t *testing.T) {
	for name, r := range samples(t) {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			require.NoError(t, signoff.WriteTerminal(&b, r, reports.TerminalOptions{}))
			golden(t, name+".txt", b.Bytes())
		})
	}
}

func TestWriteFiles(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "signoff")
	r := samples(t)["not"]
	require.NoError(t, signoff.WriteFiles(dir, r))
	data, err := os.ReadFile(filepath.Join(dir, signoff.DataFile))
	require.NoError(t, err)
	golden(t, "not.json", data)
	require.FileExists(t, filepath.Join(dir, signoff.PageFile))
	require.Error(t, signoff.WriteFiles(filepath.Join(dir, signoff.DataFile, "below-a-file"), r))
}
