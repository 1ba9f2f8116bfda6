package reports_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/reports"
)

func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	var all []string
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}

// allFiles are what a folder holds once it is written, in the order of names.
var allFiles = []string{reports.CTRFFile, reports.JUnitFile, reports.ReportFile, reports.MarkdownFile, reports.ResultFile}

func TestWriteFiles(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out", "phase2")
	require.NoError(t, reports.WriteFiles(dir, passing()))
	require.NoError(t, reports.WriteFiles(dir, sample()), "a second run replaces the first")
	require.Equal(t, allFiles, names(t, dir))

	file, err := os.Open(filepath.Join(dir, reports.ResultFile))
	require.NoError(t, err)
	defer func() { require.NoError(t, file.Close()) }()
	got, err := reports.ReadJSON(file)
	require.NoError(t, err)
	require.Equal(t, sample(), got)
	for name, want := range map[string]string{
		reports.ReportFile:   html(t, sample()),
		reports.MarkdownFile: rendered(t, reports.WriteMarkdown, sample()),
		reports.JUnitFile:    rendered(t, reports.WriteJUnit, sample()),
		reports.CTRFFile:     rendered(t, reports.WriteCTRF, sample()),
	} {
		paper, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err)
		require.Equal(t, want, string(paper), name)
	}
}

func TestWriteFilesLeavesTheFormerOnesOnError(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, reports.WriteFiles(dir, passing()))
	before, err := os.ReadFile(filepath.Join(dir, reports.ResultFile))
	require.NoError(t, err)

	bad := sample()
	bad.Decision = reports.DecisionPass
	require.ErrorIs(t, reports.WriteFiles(dir, bad), reports.ErrInvalid)
	require.Equal(t, allFiles, names(t, dir))
	after, err := os.ReadFile(filepath.Join(dir, reports.ResultFile))
	require.NoError(t, err)
	require.Equal(t, string(before), string(after))
}

func TestWriteFilesWhereNothingCanBeWritten(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	require.ErrorContains(t, reports.WriteFiles(file, sample()), "write reports: mkdir")

	dir := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(dir, reports.ResultFile), 0o755))
	require.ErrorContains(t, reports.WriteFiles(dir, sample()), reports.ResultFile)
	require.Equal(t, allFiles, names(t, dir), "no temporary file is left")
}
