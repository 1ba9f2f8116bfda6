package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"tollgate/loadgen"
	"tollgate/loadgen/account"
	"tollgate/loadgen/profiles"
	"tollgate/reports/command"
	"tollgate/reports/exitcode"
)

// healthTimeout bounds the question whether the target is there.
const healthTimeout = 5 * time.Second

// runCommand sends a load.
type runCommand struct {
	Target      string         `required:"" placeholder:"URL" help:"Where to: http://HOST:PORT is the service; redis://USER:PASSWORD@HOST:PORT or rediss:// a Redis over TCP; rest+https://HOST an Upstash database over REST."`
	Token       string         `placeholder:"TOKEN" help:"REST token of a rest+https:// target; better given as UPSTASH_REDIS_REST_TOKEN, which other processes cannot see."`
	Profile     string         `placeholder:"NAME" help:"Built-in profile, or the path of a profile file (.yaml); ${profile} where no other load is asked for."`
	Queue       []string       `placeholder:"NAME" help:"Send jobs only, on this queue; may be given more than once. Takes two of --jobs, --rate and --duration."`
	Rate        string         `xor:"closed" placeholder:"50/s" help:"Send jobs only, so many a second (/s), minute (/m) or hour (/h), evenly spaced; on all queues where --queue names none."`
	Jobs        *int           `xor:"amount" placeholder:"1000" help:"Scale the profile to so many jobs; with --queue or --rate, the number of jobs."`
	RateScale   *float64       `xor:"amount" placeholder:"2" help:"Send so many times the profile's arrivals in the same time."`
	Duration    *time.Duration `xor:"pace" placeholder:"20s" help:"Spread the same arrivals over another time; with --rate, how long."`
	ASAP        bool           `name:"asap" xor:"pace,closed" help:"Send as fast as the target answers, with --max-in-flight arrivals under way; nothing is dropped."`
	Seed        *uint64        `placeholder:"1000" help:"Use another seed than the profile's."`
	Segment     string         `placeholder:"2/3" help:"Send the second of three parts of the load, the others being sent by other machines with the same command line."`
	StartAt     *time.Time     `placeholder:"TIME" help:"Begin at that time, such as 2026-12-01T09:30:00Z, so that machines begin together."`
	MaxInFlight int            `default:"${max_in_flight}" help:"Arrivals under way at once; more are dropped and counted."`
	Timeout     time.Duration  `default:"${timeout}" help:"Time one arrival may take."`
	MaxStartLag time.Duration  `default:"${max_start_lag}" help:"How late arrivals may start (p99): more says that this machine is too slow for the load, and fails the run."`
	Account     string         `placeholder:"URL" help:"Admin door of the fake Upstash before the target's Redis: shows its connections and billed commands."`
	Out         string         `placeholder:"DIR" help:"Write result.json and the papers of the run to this folder, also when it is interrupted."`
	JSON        bool           `name:"json" help:"Print the summary as JSON, not as a table."`
	Every       time.Duration  `default:"${every}" help:"Time between two lines of progress, where the output is no terminal."`
}

// Help implements kong's HelpProvider.
func (runCommand) Help() string {
	return `Examples:

  The phase profile, 1,000 jobs with requests, at a service:
    loadgen run --target http://127.0.0.1:8080

  Jobs only, 50 a second for 30 seconds on one queue:
    loadgen run --target http://127.0.0.1:8080 --queue calendar-sync --rate 50/s --duration 30s

  Straight at a Redis, with what it costs, and papers to keep:
    loadgen run --target redis://default:local-password@127.0.0.1:6379 --account http://127.0.0.1:8078 --out load-1

  The cache operations alone, at any Upstash database:
    UPSTASH_REDIS_REST_TOKEN=... loadgen run --target rest+https://example.upstash.io

  One of three machines that send the load together (then: signoff merge load-1 load-2 load-3 --out load):
    loadgen run --target http://10.0.0.5:8080 --segment 2/3 --start-at 2026-12-01T09:30:00Z --out load-2`
}

// Run implements the command.
func (c runCommand) Run(ctx context.Context, s command.Streams) error {
	load, err := c.prepare(s)
	if err != nil {
		return err
	}
	defer load.target.close()
	if err := c.healthy(ctx, load.target); err != nil {
		return err
	}
	if c.Account != "" {
		load.account, err = account.Watch(ctx, c.Account)
		switch {
		case ctx.Err() != nil:
			return fail(exitcode.Interrupted, "interrupted before the start: %w", context.Cause(ctx))
		case err != nil:
			return fail(exitcode.NotStarted, "--account: %w", err)
		}
	}
	if err := c.await(ctx, s); err != nil {
		return load.stopAccount(err)
	}
	return c.send(ctx, load, s)
}

// load is what a run sends, and where to.
type load struct {
	profile profiles.Profile
	segment loadgen.Segment // zero for a whole run
	runner  *loadgen.Runner
	target  target
	account *account.Watcher // nil without one
	notes   []string
}

// stopAccount ends the reading of the account of a load that was not sent.
func (l load) stopAccount(err error) error {
	if l.account != nil {
		_, _ = l.account.Stop() // nothing was sent, so that it says nothing
	}
	return err
}

// prepare makes everything ready without sending anything. Its errors are of usage.
func (c runCommand) prepare(s command.Streams) (load, error) {
	wrong := func(err error) (load, error) { return load{}, exitcode.With(exitcode.Usage, err) }
	if err := c.checkStart(time.Now()); err != nil {
		return wrong(err)
	}
	if c.MaxStartLag <= 0 {
		return wrong(fmt.Errorf("--max-start-lag %s must be longer than 0s", c.MaxStartLag))
	}
	profile, err := c.profile()
	if err != nil {
		return wrong(err)
	}
	l := load{profile: profile}
	if c.Segment != "" {
		if l.segment, err = loadgen.ParseSegment(c.Segment); err != nil {
			return wrong(fmt.Errorf("--segment: %w", err))
		}
	}
	if c.Out != "" {
		if err := os.MkdirAll(c.Out, 0o755); err != nil {
			return wrong(fmt.Errorf("--out: %w", err))
		}
	}
	if l.target, err = c.open(s.Getenv); err != nil {
		return wrong(err)
	}
	l.fit(s)
	if l.runner, err = c.runner(l); err != nil {
		l.target.close()
		return wrong(err)
	}
	return l, nil
}

// fit leaves out of the profile what the target cannot do, and says so.
func (l *load) fit(s command.Streams) {
	fitting, what := l.target.fit(l.profile)
	if what != "" {
		fmt.Fprintln(s.Err, "loadgen: "+what)
		l.notes = append(l.notes, what+".")
	}
	l.profile = fitting
}

func (c runCommand) runner(l load) (*loadgen.Runner, error) {
	schedule, err := loadgen.NewSchedule(l.profile)
	if err != nil {
		return nil, err
	}
	whole := len(schedule.Arrivals)
	if whole == 0 {
		return nil, fmt.Errorf("nothing is left to send to %s: the load has nothing that it can do", l.target.address)
	}
	if l.segment.Of > 0 {
		if schedule, err = schedule.Segment(l.segment); err != nil {
			return nil, err
		}
		if len(schedule.Arrivals) == 0 {
			return nil, fmt.Errorf("--segment %s has nothing to send: there are %d arrivals in all; use as many machines at most", l.segment, whole)
		}
	}
	return loadgen.NewRunner(loadgen.Config{
		Schedule: schedule, Target: l.target, MaxInFlight: c.MaxInFlight, AsFastAsPossible: c.ASAP, Timeout: c.Timeout,
	})
}

// healthy asks whether the target is there.
func (c runCommand) healthy(ctx context.Context, t target) error {
	checking, cancel := context.WithTimeout(ctx, healthTimeout)
	defer cancel()
	err := t.Healthy(checking)
	switch {
	case ctx.Err() != nil:
		return fail(exitcode.Interrupted, "interrupted before the start: %w", context.Cause(ctx))
	case err != nil:
		return fail(exitcode.NotStarted, "could not start: %w; is %s running there?", err, t.what)
	}
	return nil
}
