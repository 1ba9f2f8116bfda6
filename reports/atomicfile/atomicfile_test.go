package atomicfile_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/reports/atomicfile"
)

func text(s string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, s)
		return err
	}
}

func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	files := map[string]string{}
	for _, e := range entries {
		data, err := os.ReadFile(filepath.Join(dir, e.Name()))
		require.NoError(t, err)
		files[e.Name()] = string(data)
	}
	return files
}

func TestWriteReplaces(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a")
	require.NoError(t, atomicfile.Write(path, text("one")))
	require.NoError(t, atomicfile.Write(path, text("two")))
	require.Equal(t, map[string]string{"a": "two"}, contents(t, dir))
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o644), info.Mode().Perm())
}

func TestNothingShowsBeforeCommit(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a")
	require.NoError(t, atomicfile.Write(path, text("old")))
	p, err := atomicfile.Stage(path, text("new"))
	require.NoError(t, err)
	require.Equal(t, "old", contents(t, dir)["a"])
	require.NoError(t, p.Commit())
	p.Discard()
	require.Equal(t, map[string]string{"a": "new"}, contents(t, dir))
}

func TestDiscardLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	p, err := atomicfile.Stage(filepath.Join(dir, "a"), text("new"))
	require.NoError(t, err)
	p.Discard()
	require.Empty(t, contents(t, dir))
}

func TestARenderThatFailsLeavesTheFormerFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a")
	require.NoError(t, atomicfile.Write(path, text("old")))
	broken := errors.New("broken")
	err := atomicfile.Write(path, func(w io.Writer) error {
		_, _ = io.WriteString(w, "half")
		return broken
	})
	require.ErrorIs(t, err, broken)
	require.ErrorContains(t, err, path)
	require.Equal(t, map[string]string{"a": "old"}, contents(t, dir))
}

func TestDirectoryProblems(t *testing.T) {
	dir := t.TempDir()
	require.ErrorIs(t, atomicfile.Write(filepath.Join(dir, "none", "a"), text("x")), os.ErrNotExist)
	require.NoError(t, os.Mkdir(filepath.Join(dir, "taken"), 0o755))
	require.ErrorContains(t, atomicfile.Write(filepath.Join(dir, "taken"), text("x")), "taken")
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, entries, 1, "no temporary file is left")
}
