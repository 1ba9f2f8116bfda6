package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"tollgate/system/config"
	"tollgate/system/service"
	"tollgate/system/tcpredis"
)

// Exit codes of the command. They mean what they mean in all commands of the repository, whose table this package may not
// import; a test holds them against it. There is no 4, since a service has no end that a signal could come before.
const (
	exitOK         = 0
	exitUsage      = 2
	exitNotStarted = 3
	exitInternal   = 5
)

const help = `Usage: service

Runs the service from its environment until SIGINT or SIGTERM, then stops it without losing a job. It has no flags: the
variables are listed in system/docs/environment.md, and all that is wrong with them is said at once.

Examples:

    STAGE=phase2 service
        phase 2, with credentials and addresses in the environment
    STAGE=phase2 THRIFT=off service
        the same with plain asynq: the way back

Exit codes: 0 stopped as asked, 2 usage or configuration, 3 could not start, 5 internal error.
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], environment(os.Environ()), os.Stdout, os.Stderr))
}

// environment turns KEY=value lines into a map.
func environment(lines []string) map[string]string {
	env := make(map[string]string, len(lines))
	for _, line := range lines {
		if key, value, ok := strings.Cut(line, "="); ok {
			env[key] = value
		}
	}
	return env
}

// run is main without its process: it returns the exit code.
func run(ctx context.Context, args []string, env map[string]string, stdout, stderr io.Writer) int {
	if len(args) == 1 && (args[0] == "--help" || args[0] == "-h") {
		fmt.Fprint(stdout, help)
		return exitOK
	}
	if len(args) > 0 {
		fmt.Fprintf(stderr, "service: unexpected argument %q; it is configured by environment variables only, see service --help\n", args[0])
		return exitUsage
	}
	cfg, err := config.Load(env)
	if err != nil {
		fmt.Fprintf(stderr, "service: %v\n", err)
		return exitUsage
	}
	logger := slog.New(slog.NewTextHandler(stderr, nil))
	tcpredis.LogTo(logger)
	svc, err := service.New(cfg, service.Deps{Logger: logger}) // fails on nothing but the configuration
	if err != nil {
		fmt.Fprintf(stderr, "service: %v\n", err)
		return exitUsage
	}
	err = svc.Start(ctx)
	switch {
	case err == nil:
		fmt.Fprintf(stdout, "stage %s listens on http://%s\n", cfg.Stage, svc.Addr())
		<-ctx.Done()
		fmt.Fprintln(stdout, "stopping")
	case ctx.Err() != nil: // told to stop, and Start has stopped what it had started
		fmt.Fprintf(stderr, "service: stopped while starting: %v\n", err)
	default:
		fmt.Fprintf(stderr, "service: could not start: %v\n", err)
		return exitNotStarted
	}
	if err := svc.Stop(context.Background()); err != nil {
		fmt.Fprintf(stderr, "service: shutdown: %v\n", err)
		return exitInternal
	}
	return exitOK
}
