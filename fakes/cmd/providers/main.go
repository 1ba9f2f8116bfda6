package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"

	"tollgate/fakes/providers"
	"tollgate/reports/command"
	"tollgate/reports/exitcode"
)

// options are the command line.
type options struct {
	Addr     string  `help:"Where to listen." default:"127.0.0.1:8077"`
	Accounts string  `help:"Write the accounts of the users u-0, u-1, ... to this file; none by default." type:"path"`
	Users    int     `help:"How many users the file has." default:"3000"`
	Failures float64 `help:"Share of calls that fail, 0 to 1: a third each with 429, 500 and no answer." default:"0"`
	Seed     uint64  `help:"Decides which calls fail." default:"1"`
	JSON     bool    `name:"json" help:"Print what was served as JSON, and nothing else to the standard output."`
}

// Validate is called by kong.
func (o options) Validate() error {
	if !(o.Failures >= 0 && o.Failures <= 1) {
		return fmt.Errorf("--failures %v is out of range; use 0 to 1", o.Failures)
	}
	if o.Users < 1 || o.Users > maxUsers {
		return fmt.Errorf("--users %d is out of range; use 1 to %d", o.Users, maxUsers)
	}
	return nil
}

func main() { program().Main() }

func program() command.Program {
	return command.Program{
		Name: "providers", Grammar: &options{},
		Description: "Fake Google, SMS, webhook and suggestion endpoints for a local run of the service.",
		Examples: []command.Example{
			{Line: "providers --accounts accounts.json", Text: "endpoints that always answer, with 3000 users; prints the variables to use them by"},
			{Line: "providers --failures 0.03 --seed 7", Text: "three calls in a hundred fail, the same ones each time"},
			{Line: "providers --json > served.json", Text: "what each endpoint served for a machine, once it is stopped"},
		},
		Codes: map[int]string{
			exitcode.Passed: "stopped as asked", exitcode.Usage: exitcode.Text(exitcode.Usage),
			exitcode.NotStarted: exitcode.Text(exitcode.NotStarted), exitcode.Internal: exitcode.Text(exitcode.Internal),
		},
	}
}

// Run serves until it is told to stop, which is no error.
func (o *options) Run(ctx context.Context, s command.Streams) error {
	part := o.Failures / 3
	srv, err := providers.Start(ctx, providers.Config{
		Addr: o.Addr, Seed: o.Seed, Plan: providers.Plan{RateLimited: part, ServerError: part, Timeout: part},
	})
	if err != nil {
		return exitcode.With(exitcode.NotStarted, fmt.Errorf("%w; choose a free address with --addr", err))
	}
	if o.Accounts != "" {
		if err := writeAccounts(o.Accounts, o.Users, srv); err != nil {
			_ = srv.Close() // the error that matters is the file's
			return exitcode.With(exitcode.Usage, err)
		}
	}
	access := s.Out
	if o.JSON {
		access = s.Err
	}
	printAccess(access, *o, srv)
	<-ctx.Done()
	if err := srv.Close(); err != nil {
		fmt.Fprintf(s.Err, "providers: while closing: %v\n", err)
	}
	if o.JSON {
		return printJSON(s.Out, srv.Counts())
	}
	printServed(s.Out, srv.Counts())
	return nil
}

// printAccess says what to set so that the service uses this server.
func printAccess(w io.Writer, o options, srv *providers.Server) {
	fmt.Fprintf(w, "GOOGLE_OAUTH_URL=%s\nGOOGLE_CALENDAR_URL=%s\nGOOGLE_PEOPLE_URL=%s\n", srv.OAuthURL(), srv.CalendarURL(), srv.PeopleURL())
	fmt.Fprintf(w, "GOOGLE_CLIENT_ID=local\nGOOGLE_CLIENT_SECRET=local\n")
	fmt.Fprintf(w, "TWILIO_URL=%s\nTWILIO_ACCOUNT_SID=AClocal\nTWILIO_AUTH_TOKEN=local\nTWILIO_FROM=+12025550100\n", srv.SMSURL())
	fmt.Fprintf(w, "SUGGEST_URL=%s\n", srv.SuggestURL())
	if o.Accounts != "" {
		fmt.Fprintf(w, "ACCOUNTS_FILE=%s\n", o.Accounts)
	}
}

// printServed says how many calls each endpoint answered.
func printServed(w io.Writer, counts map[string]providers.Count) {
	for _, endpoint := range slices.Sorted(maps.Keys(counts)) {
		fmt.Fprintf(w, "%-16s served %d, failed %d\n", endpoint, counts[endpoint].Served, counts[endpoint].Failed)
	}
}

// printJSON says the same and more, by endpoint, for a machine.
func printJSON(w io.Writer, counts map[string]providers.Count) error {
	out := json.NewEncoder(w)
	out.SetIndent("", "  ")
	return out.Encode(counts)
}
