package reports

import (
	"errors"
	"runtime"
	"runtime/debug"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestReadBuild(t *testing.T) {
	info := func(settings ...debug.BuildSetting) *debug.BuildInfo {
		return &debug.BuildInfo{Settings: settings, Deps: []*debug.Module{
			{Path: "example.com/a", Version: "v1.2.3"},
			{Path: "example.com/b", Version: "v1.0.0", Replace: &debug.Module{Path: "../b"}},
		}}
	}
	stamped := info(debug.BuildSetting{Key: "vcs.revision", Value: "abc"}, debug.BuildSetting{Key: "vcs.modified", Value: "true"})
	answers := func(commit, status string, err error) func(...string) (string, error) {
		return func(args ...string) (string, error) {
			if args[0] == "rev-parse" {
				return commit, nil
			}
			return status, err
		}
	}
	noGit := func(...string) (string, error) { return "", errors.New("git is not installed") }
	tests := map[string]struct {
		info   *debug.BuildInfo
		git    func(...string) (string, error)
		commit string
		dirty  bool
	}{
		"stamped":         {stamped, noGit, "abc", true},
		"from git":        {info(), answers("def", "", nil), "def", false},
		"from git, dirty": {info(), answers("def", " M go.mod", nil), "def", true},
		"status unknown":  {info(), answers("def", "", errors.New("timeout")), "def", true},
		"no commit yet":   {info(), answers("", "", nil), "unknown", false},
		"no git":          {info(), noGit, "unknown", false},
		"no information":  {nil, noGit, "unknown", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			b := readBuild(tt.info, tt.git)
			require.Equal(t, tt.commit, b.Commit)
			require.Equal(t, tt.dirty, b.Dirty)
			require.Equal(t, runtime.Version(), b.Go)
			require.Equal(t, runtime.GOOS, b.OS)
			require.Equal(t, runtime.GOARCH, b.Arch)
			require.Positive(t, b.CPUs)
			if tt.info != nil {
				require.Equal(t, map[string]string{"example.com/a": "v1.2.3", "example.com/b": "replaced by ../b"}, b.Modules)
			}
		})
	}
}

func TestReadBuildOfThisProgram(t *testing.T) {
	b := ReadBuild()
	require.NotEmpty(t, b.Commit)
	require.Equal(t, runtime.Version(), b.Go)
}
