package main

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"net"
	"os/exec"
	"strconv"
	"strings"

	"tollgate/fakes/redisserver"
	"tollgate/reports/exitcode"
)

// tests are what redis-benchmark is asked to do.
var tests = []string{"SET", "GET"}

// measure takes turns with all ways to the Redis. What could not be started has that exit code.
func measure(ctx context.Context, opts options, progress io.Writer) (rates, error) {
	if _, err := exec.LookPath("redis-benchmark"); err != nil {
		return nil, exitcode.With(exitcode.NotStarted, fmt.Errorf("redis-benchmark is not installed (in Debian: apt-get install redis-tools): %w", err))
	}
	server, err := redisserver.Start(ctx, redisserver.Config{})
	if err != nil {
		return nil, exitcode.With(exitcode.NotStarted, err)
	}
	ways, closeWays, err := open(ctx, server)
	if err != nil {
		return nil, exitcode.With(exitcode.NotStarted, errors.Join(err, server.Stop()))
	}
	measured := rates{}
	for round := range opts.Rounds {
		for _, depth := range opts.Depths {
			for _, way := range ways {
				fmt.Fprintf(progress, "round %d of %d, depth %d, %s\n", round+1, opts.Rounds, depth, way.name)
				if err = measured.add(ctx, opts, depth, way); err != nil {
					return nil, errors.Join(err, closeWays(), server.Stop())
				}
			}
		}
	}
	return measured, errors.Join(closeWays(), server.Stop())
}

// add runs redis-benchmark once by one way.
func (r rates) add(ctx context.Context, opts options, depth int, way way) error {
	host, port, err := net.SplitHostPort(way.addr)
	if err != nil {
		return err
	}
	// Deeper pipelines are faster: a test should not be over at once.
	requests := opts.Requests * min(depth, 10)
	out, err := exec.CommandContext(ctx, "redis-benchmark", "-h", host, "-p", port,
		"-t", strings.ToLower(strings.Join(tests, ",")), "-n", strconv.Itoa(requests),
		"-c", strconv.Itoa(opts.Clients), "-P", strconv.Itoa(depth), "--csv").Output()
	if err != nil {
		return fmt.Errorf("redis-benchmark by way of %s: %w", way.name, err)
	}
	rows, err := csv.NewReader(strings.NewReader(string(out))).ReadAll()
	if err != nil {
		return fmt.Errorf("redis-benchmark's answer: %w", err)
	}
	for _, row := range rows[1:] { // after the headings
		rate, err := strconv.ParseFloat(row[1], 64)
		if err != nil {
			return fmt.Errorf("redis-benchmark's rate: %w", err)
		}
		at := place{depth, row[0], way.name}
		r[at] = append(r[at], rate)
	}
	return nil
}
