package main

import (
	"tollgate/reports/command"
)

// commandLine is the whole of the command line.
type commandLine struct {
	Report  reportCommand `cmd:"" help:"One report over several results: deploy or not, why, what to look at, who signs."`
	Show    show          `cmd:"" help:"Show results again, from the result.json of a run."`
	Merge   merge         `cmd:"" help:"Put the results of a run that was split over several machines together."`
	Attest  attestCommand `cmd:"" help:"Write an attestation of results, signed or not, for a gate before the deploy."`
	Verify  verifyCommand `cmd:"" help:"Check an attestation, its signature and every file it names."`
	Keygen  keygenCommand `cmd:"" help:"Write a pair of keys for attestations."`
	Compare comparison    `cmd:"" help:"Say what changed between earlier and later results; 1 when something regressed."`
	History history       `cmd:"" help:"Show how results went over time."`
}

func main() { program().Main() }

func program() command.Program {
	return command.Program{
		Name: "signoff", Grammar: &commandLine{},
		Description: "Shows what runs of Tollgate found. A verdict is the run's own; only merge judges, what the segments of a run are together.",
		Examples: []command.Example{
			{Line: "signoff report reports/out --require phase1,phase2", Text: "may this be deployed? One page over all results"},
			{Line: "signoff show reports/out/phase1/result.json", Text: "the table of a run once more"},
			{Line: "signoff show old/result.json --html old.html", Text: "its page, drawn anew"},
			{Line: "signoff merge load-1 load-2 load-3 --out load", Text: "the load of three machines as one result"},
			{Line: "signoff attest out/phase1/result.json --key signoff.key --out out/attestation.json", Text: "a signed attestation of it"},
			{Line: "signoff verify out/attestation.json --public-key signoff.pub", Text: "does it hold, and is it a pass?"},
			{Line: "signoff compare main/ branch/ --limit commands.month=1%", Text: "what a branch made better or worse, noise considered"},
			{Line: "signoff history reports/out", Text: "every metric over time"},
		},
	}
}
