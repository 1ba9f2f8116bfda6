package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"tollgate/fakes/upstash"
)

// The exit codes of the program.
const (
	exitOK       = 0
	exitUsage    = 2
	exitNotStart = 3
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
	log := slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	srv, err := upstash.Start(ctx, opts.config(log))
	if err != nil {
		fmt.Fprintln(stderr, err) // names the door, the address and what to do
		return exitNotStart
	}
	printAccess(stdout, opts, srv)
	<-ctx.Done()
	stop() // a second signal kills

	if err := srv.Close(); err != nil {
		fmt.Fprintf(stderr, "upstash: while closing: %v\n", err)
	}
	account := srv.Ledger().Snapshot()
	printAccount(stdout, account)
	printBill(stdout, opts.Plan, account.Total.Billed)
	return exitOK
}
