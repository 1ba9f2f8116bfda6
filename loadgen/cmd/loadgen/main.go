package main

import (
	"fmt"
	"strconv"

	"github.com/alecthomas/kong"

	"tollgate/loadgen"
	"tollgate/loadgen/result"
	"tollgate/reports/command"
	"tollgate/reports/exitcode"
)

// commands is the command line.
type commands struct {
	Run      runCommand      `cmd:"" help:"Send a load at a running service or a Redis."`
	Profiles profilesCommand `cmd:"" help:"List the built-in profiles."`
	Check    checkCommand    `cmd:"" help:"Check a profile file and show what it adds up to."`
	Profile  profileCommand  `cmd:"" help:"Make a profile of what the fake Upstash recorded."`
}

func main() { program(&commands{}).Main() }

// program parses into cli.
func program(cli *commands) command.Program {
	return command.Program{
		Name: "loadgen", Grammar: cli, Vars: defaults(),
		Description: "Sends a load at a running service, or straight at a Redis, and measures the answers.",
		Examples: []command.Example{
			{Line: "loadgen run --target http://127.0.0.1:8080", Text: "the phase profile, 1,000 jobs with requests, at a service"},
			{Line: "loadgen run --target http://127.0.0.1:8080 --queue calendar-sync --rate 50/s --duration 30s", Text: "jobs only, on one queue"},
			{Line: "loadgen check my-month.yaml", Text: "what a profile of your own adds up to"},
		},
	}
}

// defaults are the values that the grammar's tags name.
func defaults() kong.Vars {
	return kong.Vars{
		"max_in_flight": strconv.Itoa(loadgen.DefaultMaxInFlight),
		"timeout":       loadgen.DefaultTimeout.String(),
		"every":         loadgen.DefaultReportEvery.String(),
		"max_start_lag": result.DefaultMaxStartLag.String(),
		"profile":       defaultProfile,
	}
}

// fail is an error that the command ends with that code for; format is as in fmt.Errorf.
func fail(code int, format string, args ...any) error {
	return exitcode.With(code, fmt.Errorf(format, args...))
}
