package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"tollgate/fakes/upstash"
	"tollgate/fakes/upstash/meter"
	"tollgate/fakes/upstash/plan"
)

// The exit codes of the program.
const (
	exitOK       = 0
	exitUsage    = 2
	exitNotStart = 3
	exitNotSaved = 4
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// run is the program without the process around it, except that it hears its signals.
func run(args []string, stdout, stderr io.Writer) int {
	var opts options
	parser, err := kong.New(&opts, kong.Name("upstash"), kong.Description(description),
		defaults, kong.Writers(stdout, stderr))
	if err != nil {
		panic(err) // the options' own tags are wrong
	}
	if _, err := parser.Parse(args); err != nil {
		fmt.Fprintf(stderr, "upstash: %v; see upstash --help\n", err)
		return exitUsage
	}

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	data, err := openStore(ctx, opts)
	if err != nil {
		fmt.Fprintf(stderr, "upstash: %v\n", err)
		if wrong := (*usageError)(nil); errors.As(err, &wrong) {
			return exitUsage
		}
		return exitNotStart
	}
	defer data.close(stderr)
	cfg := opts.config(slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: slog.LevelWarn})))
	cfg.Engine = data.engine
	srv, err := upstash.Start(ctx, cfg)
	if err != nil {
		fmt.Fprintln(stderr, err) // names the door, the address and what to do
		return exitNotStart
	}
	if err := addFaults(srv, opts.Faults); err != nil {
		fmt.Fprintf(stderr, "upstash: %v\n", err)
		return exitNotStart
	}
	if flags := opts.exposed(); len(flags) > 0 {
		fmt.Fprintf(stderr, "upstash: warning: %s can be reached from elsewhere, with a token or password that everybody knows, or without any\n",
			strings.Join(flags, ", "))
	}
	access := stdout
	if opts.JSON {
		access = stderr
	}
	printAccess(access, opts, srv, data.where)
	<-ctx.Done()
	stop() // a second signal kills
	return end(opts, srv, data, stdout, stderr)
}

// end shuts the doors, saves the data and then prints the account: whoever reads that may be gone.
func end(opts options, srv *upstash.Server, data *store, stdout, stderr io.Writer) int {
	code := exitOK
	if err := srv.Close(); err != nil {
		fmt.Fprintf(stderr, "upstash: while closing: %v\n", err)
	}
	if err := data.save(); err != nil {
		fmt.Fprintf(stderr, "upstash: the data was NOT saved: %v\n", err)
		code = exitNotSaved
	}
	chosen, _ := plan.Lookup(opts.Plan) // the flags are checked
	account := meter.Take(srv.Ledger(), chosen)
	if opts.JSON {
		printJSON(stdout, account)
	} else {
		printAccount(stdout, account)
		printFaults(stdout, srv.Faults().List())
	}
	return code
}
