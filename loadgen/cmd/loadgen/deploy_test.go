//go:build unix

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"tollgate/loadgen"
)

// indexedJob is what the example says, as far as it matters here.
type indexedJob struct {
	Kind string `yaml:"kind"`
	Spec struct {
		CompletionMode string `yaml:"completionMode"`
		Completions    int    `yaml:"completions"`
		Parallelism    int    `yaml:"parallelism"`
		BackoffLimit   *int   `yaml:"backoffLimit"`
		Template       struct {
			Spec struct {
				RestartPolicy string `yaml:"restartPolicy"`
				Containers    []struct {
					Command []string `yaml:"command"`
					Args    []string `yaml:"args"`
				} `yaml:"containers"`
			} `yaml:"spec"`
		} `yaml:"template"`
	} `yaml:"spec"`
}

// The command line of each pod, as the shell makes it of the example, is one that the command takes, and the pods together
// send the whole load, each to a folder of its own.
func TestTheIndexedJobIsACommandLine(t *testing.T) {
	data, err := os.ReadFile("../../deploy/indexed-job.yaml")
	require.NoError(t, err)
	var job indexedJob
	require.NoError(t, yaml.Unmarshal(data, &job))
	spec := job.Spec
	require.Equal(t, "Job", job.Kind)
	require.Equal(t, "Indexed", spec.CompletionMode)
	require.Equal(t, spec.Completions, spec.Parallelism)
	require.Zero(t, *spec.BackoffLimit)
	require.Equal(t, "Never", spec.Template.Spec.RestartPolicy)
	require.Len(t, spec.Template.Spec.Containers, 1)
	container := spec.Template.Spec.Containers[0]

	// A loadgen that prints its arguments, one a line.
	bin := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(bin, "loadgen"), []byte("#!/bin/sh\nprintf '%s\\n' \"$@\"\n"), 0o755))
	line := slices.Concat(container.Command, container.Args)
	var segments, folders []string
	for index := range spec.Completions {
		cmd := exec.CommandContext(t.Context(), line[0], line[1:]...)
		cmd.Env = []string{"PATH=" + bin, "JOB_COMPLETION_INDEX=" + strconv.Itoa(index)}
		out, err := cmd.Output()
		require.NoError(t, err)
		args := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")

		var cli commands
		parser, err := kong.New(&cli, defaults())
		require.NoError(t, err)
		parsed, err := parser.Parse(args)
		require.NoError(t, err, args)
		require.Equal(t, "run", parsed.Command())
		segment, err := loadgen.ParseSegment(cli.Run.Segment)
		require.NoError(t, err)
		require.Equal(t, loadgen.Segment{Index: index + 1, Of: spec.Completions}, segment)
		profile, err := cli.Run.profile()
		require.NoError(t, err)
		require.Positive(t, profile.ArrivalCount())
		require.NotNil(t, cli.Run.StartAt)
		segments, folders = append(segments, cli.Run.Segment), append(folders, cli.Run.Out)
	}
	slices.Sort(folders)
	require.Len(t, slices.Compact(folders), len(segments), "two pods write to the same folder")
	for _, folder := range folders {
		require.Contains(t, string(data), folder+" ", "the comment does not merge this one")
	}
}
