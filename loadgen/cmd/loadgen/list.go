package main

import (
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"

	"tollgate/loadgen"
	"tollgate/loadgen/profiles"
	"tollgate/reports/command"
	"tollgate/reports/exitcode"
)

// profilesCommand lists the built-in profiles.
type profilesCommand struct {
	JSON bool `name:"json" help:"Print the profiles whole, as JSON."`
}

// Help implements kong's HelpProvider.
func (profilesCommand) Help() string {
	return `Examples:

  loadgen profiles
  loadgen profiles --json`
}

// Run implements the command.
func (c profilesCommand) Run(s command.Streams) error {
	var all []profiles.Profile
	for _, name := range profiles.Names() {
		p, err := profiles.Load(name, loadgen.Queues())
		if err != nil {
			return err
		}
		all = append(all, p)
	}
	if c.JSON {
		return writeJSON(s.Out, all)
	}
	w := tabwriter.NewWriter(s.Out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "NAME\tJOBS\tAPI REQUESTS\tCACHE OPERATIONS\tDURATION\tDESCRIPTION")
	for _, p := range all {
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%s\t%s\n",
			p.Name, p.JobCount(), p.APIRequests, p.Cache.Sum(), p.Duration, p.Description)
	}
	return w.Flush()
}

// checkCommand validates a profile.
type checkCommand struct {
	File string `arg:"" help:"Profile file (.yaml), or the name of a built-in profile."`
	JSON bool   `name:"json" help:"Print the profile as JSON, not what it adds up to."`
}

// Help implements kong's HelpProvider.
func (checkCommand) Help() string {
	return `Examples:

  loadgen check my-month.yaml
  loadgen check phase --json`
}

// Run implements the command.
func (c checkCommand) Run(s command.Streams) error {
	p, err := profiles.Load(c.File, loadgen.Queues())
	if err != nil {
		return exitcode.With(exitcode.Usage, err)
	}
	if c.JSON {
		return writeJSON(s.Out, p)
	}
	return describe(s.Out, p)
}

// writeJSON writes v indented.
func writeJSON(w io.Writer, v any) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(v)
}

// describe writes what a profile adds up to.
func describe(w io.Writer, p profiles.Profile) error {
	direct := p.DirectCache()
	arrivals := string(p.Pacing.Arrivals)
	if p.Rhythm != nil {
		arrivals += " in a rhythm of days and weeks"
	}
	if len(p.Schedules) > 0 {
		scheduled := 0
		for _, queue := range p.Queues() {
			scheduled += p.Scheduled(queue)
		}
		arrivals += fmt.Sprintf(" (%d of the jobs by schedules of the service)", scheduled)
	}
	_, err := fmt.Fprintf(w, "profile %s is valid: %d jobs in %d queues within %s, %d API requests and %d cache operations within %s"+
		" (%d reads, %d writes, %d deletes sent directly), arrivals %s, seed %d\n",
		p.Name, p.JobCount(), len(p.Jobs), p.Pacing.JobsWithin, p.APIRequests, p.Cache.Sum(), p.Duration,
		direct.Reads, direct.Writes, direct.Deletes, arrivals, p.Seed)
	return err
}
