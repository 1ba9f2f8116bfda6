package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
)

// The exit codes of the program.
const (
	exitOK          = 0
	exitUsage       = 2
	exitNotStart    = 3
	exitInterrupted = 4
)

const description = "Rates of redis-benchmark directly at a local redis-server, through the fake Upstash, " +
	"and through toxiproxy."

// options are the flags.
type options struct {
	Rounds   int   `default:"5"      placeholder:"N"  help:"Rounds, of which the median counts (${default})."`
	Clients  int   `default:"50"     placeholder:"N"  help:"Connections of redis-benchmark (${default})."`
	Depths   []int `default:"1,16"   placeholder:"N"  help:"Pipeline depths (${default})."`
	Requests int   `default:"100000" placeholder:"N"  help:"Requests a test, at depth 1; more at larger depths (${default})."`
}

// Validate is called by kong once the flags are read.
func (o options) Validate() error {
	for _, n := range append([]int{o.Rounds, o.Clients, o.Requests}, o.Depths...) {
		if n < 1 {
			return fmt.Errorf("%d: give whole numbers of at least 1", n)
		}
	}
	return nil
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run is the program without the process around it.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	var opts options
	parser, err := kong.New(&opts, kong.Name("bench"), kong.Description(description), kong.Writers(stdout, stderr))
	if err != nil {
		panic(err) // the options' own tags are wrong
	}
	if _, err := parser.Parse(args); err != nil {
		fmt.Fprintf(stderr, "bench: %v; see bench --help\n", err)
		return exitUsage
	}
	rates, err := measure(ctx, opts, stderr)
	switch {
	case ctx.Err() != nil:
		fmt.Fprintln(stderr, "bench: interrupted")
		return exitInterrupted
	case err != nil:
		fmt.Fprintf(stderr, "bench: %v\n", err)
		return exitNotStart
	}
	if err := rates.print(stdout); err != nil && !errors.Is(err, syscall.EPIPE) {
		fmt.Fprintf(stderr, "bench: %v\n", err)
	}
	return exitOK
}
