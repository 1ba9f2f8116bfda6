package main

import (
	"fmt"
	"io"
	"text/tabwriter"

	"tollgate/loadgen"
	"tollgate/loadgen/profiles"
)

// profilesCommand lists the built-in profiles.
type profilesCommand struct{}

// Run implements the command.
func (profilesCommand) Run(s streams) error {
	w := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "NAME\tJOBS\tAPI REQUESTS\tCACHE OPERATIONS\tDURATION\tDESCRIPTION")
	for _, name := range profiles.Names() {
		p, err := profiles.Load(name, loadgen.Queues())
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%s\t%s\n",
			p.Name, p.JobCount(), p.APIRequests, p.Cache.Sum(), p.Duration, p.Description)
	}
	return w.Flush()
}

// checkCommand validates a profile.
type checkCommand struct {
	File string `arg:"" help:"Profile file (.yaml), or the name of a built-in profile."`
}

// Run implements the command.
func (c checkCommand) Run(s streams) error {
	p, err := profiles.Load(c.File, loadgen.Queues())
	if err != nil {
		return &exitError{exitUsage, err}
	}
	return describe(s.out, p)
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
