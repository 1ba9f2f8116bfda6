package command_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/reports/command"
	"tollgate/reports/exitcode"
)

// grammar is a program with two subcommands.
type grammar struct {
	Greet greet `cmd:"" help:"Greet somebody."`
	Fail  fail  `cmd:"" help:"End in one way or another."`
}

type greet struct {
	Name  string `arg:"" help:"Who."`
	Style string `enum:"loud,quiet" default:"quiet" help:"How: ${enum}."`
	JSON  bool   `name:"json" help:"For machines."`
}

func (g greet) Run(ctx context.Context, s command.Streams) error {
	_, err := fmt.Fprintf(s.Out, "hello %s, %s, %v\n", g.Name, g.Style, ctx.Err())
	return err
}

type fail struct {
	How string `arg:"" enum:"usage,judged,more,interrupted,panic,lines,named"`
}

func (f fail) Run(ctx context.Context) error {
	switch f.How {
	case "usage":
		return exitcode.With(exitcode.Usage, errors.New("a.json: not a result"))
	case "judged":
		return command.Judged(exitcode.Failed)
	case "interrupted":
		return fmt.Errorf("run: %w", context.Canceled)
	case "more":
		return exitcode.With(exitcode.Internal, errors.Join(command.Judged(exitcode.Failed), errors.New("close: broken")))
	case "lines":
		return errors.Join(errors.New("one"), errors.New("two"))
	case "named":
		return errors.Join(errors.New("demo: one door is shut"), errors.New("demonstration: two"))
	}
	panic("a fault")
}

// runs runs the program and returns what came of it.
func runs(t *testing.T, env map[string]string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	p := command.Program{
		Name: "demo", Description: "Shows how it is done.", Grammar: &grammar{},
		Examples: []command.Example{{Line: "demo greet you", Text: "greet you"}},
	}
	code = p.Run(t.Context(), args, command.Streams{Out: &out, Err: &errs, Getenv: func(name string) string { return env[name] }})
	return code, out.String(), errs.String()
}

func TestRun(t *testing.T) {
	for _, tt := range []struct {
		args           string
		code           int
		stdout, stderr string
	}{
		{"greet you", 0, "hello you, quiet, <nil>\n", ""},
		{"greet you --style loud", 0, "hello you, loud, <nil>\n", ""},
		{"greet", 2, "", "demo: expected \"<name>\"; see demo --help\n"},
		{"greet you --colour red", 2, "", "demo: unknown flag --colour; see demo --help\n"},
		{"fail usage", 2, "", "demo: a.json: not a result\n"},
		{"fail judged", 1, "", ""},
		{"fail more", 5, "", "demo: criteria failed\ndemo: close: broken\n"},
		{"fail interrupted", 4, "", "demo: run: context canceled\n"},
		{"fail lines", 5, "", "demo: one\ndemo: two\n"},
		{"fail named", 5, "", "demo: one door is shut\ndemo: demonstration: two\n"},
		{"--completion tcsh", 2, "", "demo: --completion: unknown shell \"tcsh\"; use bash, zsh or fish\n"},
		{"greet -- --version", 0, "hello --version, quiet, <nil>\n", ""},
	} {
		t.Run(tt.args, func(t *testing.T) {
			code, stdout, stderr := runs(t, nil, strings.Fields(tt.args)...)
			require.Equal(t, tt.stderr, stderr)
			require.Equal(t, tt.stdout, stdout)
			require.Equal(t, tt.code, code)
		})
	}
}

func TestPanicIsInternal(t *testing.T) {
	code, _, stderr := runs(t, nil, "fail", "panic")
	require.Equal(t, exitcode.Internal, code)
	require.Contains(t, stderr, "demo: internal error: a fault\n")
}

func TestHelp(t *testing.T) {
	code, stdout, stderr := runs(t, nil, "--help")
	require.Zero(t, code)
	require.Empty(t, stderr)
	require.Contains(t, stdout, "  demo greet you\n")
	require.Contains(t, stdout, "Exit codes: 0 all passed, 1 criteria failed, 2 usage or configuration")
	require.Contains(t, stdout, "--completion=SHELL")
}

func TestHelpListsTheCodesOfTheProgram(t *testing.T) {
	var out bytes.Buffer
	p := command.Program{
		Name: "server", Grammar: &struct{}{},
		Codes: map[int]string{exitcode.NotStarted: "could not start", exitcode.Passed: "stopped as asked"},
	}
	code := p.Run(t.Context(), []string{"--help"}, command.Streams{Out: &out, Err: &out, Getenv: func(string) string { return "" }})
	require.Zero(t, code)
	require.Contains(t, out.String(), "Exit codes: 0 stopped as asked, 3 could not start.\n")
}

func TestVersion(t *testing.T) {
	code, stdout, _ := runs(t, nil, "--version")
	require.Zero(t, code)
	require.Regexp(t, `^demo \w+( and changes)?, go1\.\S+ \w+/\w+\n$`, stdout)
}

func TestCompletionScripts(t *testing.T) {
	for shell, want := range map[string]string{
		"bash": `^complete -o default -C '/.*' demo\n$`,
		"zsh":  `bashcompinit\ncomplete -o default -C '/.*' demo\n$`,
		"fish": `^complete -c demo -a '\(env COMP_LINE=\(commandline -cp\) /.*\)'\n$`,
	} {
		code, stdout, _ := runs(t, nil, "--completion="+shell)
		require.Zero(t, code)
		require.Regexp(t, want, stdout)
	}
}

func TestCompletion(t *testing.T) {
	for line, want := range map[string]string{
		"demo ":                         "greet fail",
		"demo g":                        "greet",
		"demo x":                        "",
		"demo --":                       "--completion --help --version",
		"demo greet --s":                "--style",
		"demo greet --style ":           "loud quiet",
		"demo greet --style l":          "loud",
		"demo greet you --json --style": "--style",
		"demo fail ":                    "usage judged more interrupted panic lines named",
	} {
		t.Run(line, func(t *testing.T) {
			code, stdout, stderr := runs(t, map[string]string{"COMP_LINE": line}, "demo", "", "")
			require.Zero(t, code)
			require.Empty(t, stderr)
			require.Equal(t, want, strings.Join(strings.Fields(stdout), " "))
		})
	}
	_, stdout, _ := runs(t, map[string]string{"COMP_LINE": "demo greet you", "COMP_POINT": "6"})
	require.Equal(t, "greet\n", stdout, "up to where the cursor is")
}
