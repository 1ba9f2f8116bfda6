package benchthrift

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"

	"golang.org/x/sync/errgroup"

	"tollgate/system/thrift"
)

// oneAtATime measures jobs each of which is added when the one before is done.
func (s *suite) oneAtATime(ctx context.Context) ([]Row, error) {
	row := Row{What: "billed per job", How: simulated, Counted: byFake, Reach: atMost(9), Goal: atMost(6)}
	rows := [...]Row{row, row, row, row}
	same, other, alone, unmarked := &rows[0], &rows[1], &rows[2], &rows[3]
	other.What, alone.What = "billed per job, added by another process", "billed per job, without wake-ups"
	unmarked.What, unmarked.Reach, unmarked.Goal = "billed per job, IDs not marked as fresh", nil, nil
	server, serverOther := row, *other
	server.How, server.Counted, serverOther.How, serverOther.Counted = measured, byServer, measured, byServer

	var asks []ask
	add := func(to *Row, v Variant, fromOther bool) {
		asks = append(asks, ask{Request{Part: partSingle, Variant: v, Jobs: s.Jobs, Other: fromOther}, func(r Result) { to.put(v, r.perJob()) }})
	}
	for _, v := range s.variants {
		add(same, v, false)
		add(other, v, true)
	}
	for _, v := range s.ours() {
		if v.Level == thrift.Full {
			add(alone, v.alone(), false)
		}
		add(unmarked, v.unmarked(), false)
	}
	if err := s.askAll(ctx, asks, runtime.NumCPU()); err != nil {
		return nil, err
	}
	err := s.onServers(ctx, "one-at-a-time", 2*len(s.variants), func(ctx context.Context, redis *serverTarget, v Variant, fromOther bool) (func(), error) {
		r, err := measureSingle(ctx, redis, Request{Variant: v, Jobs: s.Jobs, Other: fromOther}, realGap, plainSingleShare)
		to := &server
		if fromOther {
			to = &serverOther
		}
		return func() { to.put(v, r.perJob()) }, err
	})
	return rowsOf(same, &server, other, &serverOther, alone, unmarked), err
}

// perJob is what a job cost.
func (r Result) perJob() Figure {
	f := Figure{Value: r.PerJob, Samples: r.Jobs}
	if r.Raw != r.PerJob {
		f.Note = fmt.Sprintf("%.1f with asynq's idle traffic of the time between jobs", r.Raw)
	}
	return f
}

// atOnce measures jobs that are added at the same moment.
func (s *suite) atOnce(ctx context.Context) ([]Row, error) {
	perJob := Row{What: "billed per job", How: measured, Reach: atMost(5), Goal: atMost(3)}
	idle := Row{What: "connections, idle", How: measured, Reach: atMost(3)}
	peak := Row{What: "connections, peak until the end of the stop", How: measured, Reach: atMost(3)}
	idleAlone, peakAlone := idle, peak
	idleAlone.What += ", without wake-ups"
	peakAlone.What = "connections, peak, without wake-ups"
	idleAlone.Reach, peakAlone.Reach = atMost(1), atMost(1)
	var rows []Row
	for _, counted := range []string{byFake, byServer} {
		group := [...]Row{perJob, idle, peak, idleAlone, peakAlone}
		for i := range group {
			group[i].Counted = counted
		}
		for _, v := range s.variants {
			l, err := s.once(ctx, counted, v)
			if err != nil {
				return nil, err
			}
			group[0].put(v, Figure{Value: l.perJob, Samples: l.jobs})
			group[1].put(v, Figure{Value: float64(l.idle)})
			group[2].put(v, Figure{Value: float64(l.peak)})
			if v.Level != thrift.Full {
				continue
			}
			if l, err = s.once(ctx, counted, v.alone()); err != nil {
				return nil, err
			}
			group[3].put(v, Figure{Value: float64(l.idle)})
			group[4].put(v, Figure{Value: float64(l.peak)})
		}
		rows = append(rows, group[:]...)
	}
	return rows, nil
}

// once measures Jobs at once on a target of its own.
func (s *suite) once(ctx context.Context, counted string, v Variant) (l loaded, err error) {
	s.tell("at-once on %s: %s", counted, v)
	var redis target
	if counted == byFake {
		redis, err = newFakeTarget(ctx)
	} else {
		redis, err = newServerTarget(ctx)
	}
	if err != nil {
		return loaded{}, err
	}
	l, err = measureLoad(ctx, redis, load{at: redis.place(), variant: v, jobs: s.Jobs})
	return l, errors.Join(err, redis.close())
}

// latency measures sparse jobs.
func (s *suite) latency(ctx context.Context) ([]Row, error) {
	row := Row{How: measured, Counted: byServer, Unit: "ms"}
	rows := [...]Row{row, row, row, row}
	for i, what := range []string{
		"median, enqueue to start", "99 % quantile", "median, added by another process", "99 % quantile, added by another process",
	} {
		rows[i].What = what
	}
	rows[0].Reach, rows[2].Reach = atMost(5), atMost(50)
	err := s.onServers(ctx, "latency", 1, func(ctx context.Context, redis *serverTarget, v Variant, other bool) (func(), error) {
		all, err := measureLatency(ctx, redis.place(), v, other, s.Samples)
		first := 0
		if other {
			first = 2
		}
		return func() {
			for i, q := range []float64{0.5, 0.99} {
				rows[first+i].put(v, Figure{Value: float64(all.quantile(q).Microseconds()) / 1000, Samples: len(all)})
			}
		}, err
	})
	return rows[:], err
}

// trial measures one variant on a redis-server of its own, with jobs of the same or of another process, and returns what
// stores the figures.
type trial func(ctx context.Context, redis *serverTarget, v Variant, other bool) (store func(), err error)

// onServers carries out a trial for every variant, with jobs of the same and of another process: first plain asynq, all at
// the same time, as it waits most of it, and then so many governed ones at a time.
func (s *suite) onServers(ctx context.Context, name string, governedAtATime int, measure trial) error {
	plain := slices.DeleteFunc(slices.Clone(s.variants), Variant.governed)
	if err := s.trials(ctx, name, plain, 2*len(plain), measure); err != nil {
		return err
	}
	return s.trials(ctx, name, s.ours(), governedAtATime, measure)
}

func (s *suite) trials(ctx context.Context, name string, variants []Variant, atATime int, measure trial) error {
	stores := make([]func(), 2*len(variants))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(atATime)
	for i := range stores {
		r := Request{Part: name + " on redis-server", Variant: variants[i/2], Other: i%2 == 1}
		group.Go(func() error {
			if ctx.Err() != nil { // another one failed
				return ctx.Err()
			}
			s.tell("%s", r)
			redis, err := newServerTarget(ctx)
			if err != nil {
				return err
			}
			stores[i], err = measure(ctx, redis, r.Variant, r.Other)
			if err != nil {
				err = fmt.Errorf("%s: %w", r, err)
			}
			return errors.Join(err, redis.close())
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	for _, store := range stores {
		store()
	}
	return nil
}
