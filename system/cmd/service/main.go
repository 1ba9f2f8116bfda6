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

// Exit codes of the command.
const (
	exitOK         = 0
	exitUsage      = 2
	exitNotStarted = 3
	exitInternal   = 5
)

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
	if len(args) > 0 {
		fmt.Fprintf(stderr, "service: unexpected argument %q; it is configured by environment variables only, see system/docs/environment.md\n", args[0])
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
	if err := svc.Start(ctx); err != nil {
		fmt.Fprintf(stderr, "service: could not start: %v\n", err)
		return exitNotStarted
	}
	fmt.Fprintf(stdout, "stage %s listens on http://%s\n", cfg.Stage, svc.Addr())
	<-ctx.Done()
	fmt.Fprintln(stdout, "stopping")
	if err := svc.Stop(context.Background()); err != nil {
		fmt.Fprintf(stderr, "service: shutdown: %v\n", err)
		return exitInternal
	}
	return exitOK
}
