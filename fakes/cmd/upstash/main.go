package main

import (
	"context"
	"fmt"
	"log/slog"
	"strings"

	"tollgate/fakes/upstash"
	"tollgate/fakes/upstash/meter"
	"tollgate/fakes/upstash/plan"
	"tollgate/reports/command"
	"tollgate/reports/exitcode"
)

func main() { program().Main() }

func program() command.Program {
	return command.Program{
		Name: "upstash", Description: description, Grammar: &options{}, Vars: defaults,
		Examples: []command.Example{
			{Line: "upstash", Text: "a local Upstash; prints the variables to use it by, and the account once it is stopped"},
			{Line: "upstash --data upstash.data", Text: "the same, with data that is there again the next time"},
			{Line: "upstash --upstream redis://127.0.0.1:6379 --redis-addr 127.0.0.1:6380", Text: "a meter in front of a Redis of yours"},
			{Line: "upstash --json > account.json", Text: "the account for a machine, once it is stopped"},
			{Line: "upstash --fault failover,every=1h,downtime=5s", Text: "one that fails over each hour"},
		},
		Codes: map[int]string{
			exitcode.Passed: "stopped as asked", exitcode.Usage: exitcode.Text(exitcode.Usage),
			exitcode.NotStarted: exitcode.Text(exitcode.NotStarted), exitcode.Internal: "the data could not be saved, or another internal error",
		},
	}
}

// Run serves until it is told to stop, which is no error, not even while it starts.
func (o *options) Run(ctx context.Context, s command.Streams) error {
	data, srv, err := o.start(ctx, s)
	if err != nil && ctx.Err() != nil {
		fmt.Fprintf(s.Err, "upstash: stopped while starting: %v\n", err)
		return nil
	}
	if err != nil {
		return err
	}
	defer data.close(s.Err)
	if flags := o.exposed(); len(flags) > 0 {
		fmt.Fprintf(s.Err, "upstash: warning: %s can be reached from elsewhere, with a token or password that everybody knows, or without any\n",
			strings.Join(flags, ", "))
	}
	access := s.Out
	if o.JSON {
		access = s.Err
	}
	printAccess(access, *o, srv, data.where)
	<-ctx.Done()
	return o.end(srv, data, s)
}

// start opens the data and the doors to it. Its errors have their exit codes.
func (o *options) start(ctx context.Context, s command.Streams) (*store, *upstash.Server, error) {
	data, err := openStore(ctx, *o)
	if err != nil {
		return nil, nil, err
	}
	cfg := o.config(slog.New(slog.NewTextHandler(s.Err, &slog.HandlerOptions{Level: slog.LevelWarn})))
	cfg.Engine = data.engine
	srv, err := upstash.Start(ctx, cfg)
	if err == nil {
		err = addFaults(srv, o.Faults)
	}
	if err != nil {
		data.close(s.Err)
		return nil, nil, exitcode.With(exitcode.NotStarted, err)
	}
	return data, srv, nil
}

// end shuts the doors, saves the data and then prints the account: whoever reads that may be gone.
func (o *options) end(srv *upstash.Server, data *store, s command.Streams) error {
	code := exitcode.Passed
	if err := srv.Close(); err != nil {
		fmt.Fprintf(s.Err, "upstash: while closing: %v\n", err)
	}
	if err := data.save(); err != nil {
		fmt.Fprintf(s.Err, "upstash: the data was NOT saved: %v\n", err)
		code = exitcode.Internal
	}
	chosen, _ := plan.Lookup(o.Plan) // the flags are checked
	account := meter.Take(srv.Ledger(), chosen)
	if o.JSON {
		printJSON(s.Out, account)
	} else {
		printAccount(s.Out, account)
		printFaults(s.Out, srv.Faults().List())
	}
	return command.Judged(code)
}
