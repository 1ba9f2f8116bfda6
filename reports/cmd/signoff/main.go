package main

import (
	"tollgate/reports/command"
)

// commandLine is the whole of the command line.
type commandLine struct {
	Show show `cmd:"" help:"Show results again, from the result.json of a run."`
}

func main() { program().Main() }

func program() command.Program {
	return command.Program{
		Name: "signoff", Grammar: &commandLine{},
		Description: "Shows what runs of Tollgate found. It judges nothing again: a verdict is the run's own.",
		Examples: []command.Example{
			{Line: "signoff show reports/out/phase1/result.json", Text: "the table of a run once more"},
			{Line: "signoff show old/result.json --html old.html", Text: "its page, drawn anew"},
		},
	}
}
