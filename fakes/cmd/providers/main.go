package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"os/signal"
	"slices"
	"syscall"

	"github.com/alecthomas/kong"

	"tollgate/fakes/providers"
)

// The exit codes of the program.
const (
	exitOK       = 0
	exitUsage    = 2
	exitNotStart = 3
)

// options are the command line.
type options struct {
	Addr     string  `help:"Where to listen." default:"127.0.0.1:8077"`
	Accounts string  `help:"Write the accounts of the users u-0, u-1, ... to this file; none by default." type:"path"`
	Users    int     `help:"How many users the file has." default:"3000"`
	Failures float64 `help:"Share of calls that fail, 0 to 1: a third each with 429, 500 and no answer." default:"0"`
	Seed     uint64  `help:"Decides which calls fail." default:"1"`
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

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// run is the program without the process around it, except that it hears its signals.
func run(args []string, stdout, stderr io.Writer) int {
	var o options
	parser, err := kong.New(&o, kong.Name("providers"),
		kong.Description("Fake Google, SMS, webhook and suggestion endpoints for a local run of the service."), kong.Writers(stdout, stderr))
	if err != nil {
		panic(err) // the options' own tags are wrong
	}
	if _, err := parser.Parse(args); err != nil {
		fmt.Fprintf(stderr, "providers: %v; see providers --help\n", err)
		return exitUsage
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	part := o.Failures / 3
	srv, err := providers.Start(ctx, providers.Config{
		Addr: o.Addr, Seed: o.Seed, Plan: providers.Plan{RateLimited: part, ServerError: part, Timeout: part},
	})
	if err != nil {
		fmt.Fprintf(stderr, "providers: %v; choose a free address with --addr\n", err)
		return exitNotStart
	}
	if o.Accounts != "" {
		if err := writeAccounts(o.Accounts, o.Users, srv); err != nil {
			_ = srv.Close() // the error that matters is the file's
			fmt.Fprintf(stderr, "providers: %v\n", err)
			return exitUsage
		}
	}
	printAccess(stdout, o, srv)
	<-ctx.Done()
	stop() // a second signal kills
	if err := srv.Close(); err != nil {
		fmt.Fprintf(stderr, "providers: while closing: %v\n", err)
	}
	printServed(stdout, srv.Counts())
	return exitOK
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
