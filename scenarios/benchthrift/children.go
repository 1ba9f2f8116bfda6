package benchthrift

import (
	"context"
	"fmt"
	"runtime"

	"golang.org/x/sync/errgroup"
)

// rest measures a month without jobs.
func (s *suite) rest(ctx context.Context) ([]Row, error) {
	atRest := Row{What: "billed a month", How: simulated, Counted: byFake, Reach: atMost(15_000), Goal: atMost(9_000)}
	alone := atRest
	alone.What = "the same, without wake-ups"
	start := Row{What: fmt.Sprintf("billed at start, first %v", startTime), How: simulated, Counted: byFake}
	stop := Row{What: "billed at stop", How: simulated, Counted: byFake}

	var asks []ask
	for _, v := range s.variants {
		asks = append(asks, ask{Request{Part: partRest, Variant: v}, func(r Result) {
			atRest.put(v, r.atRest())
			start.put(v, Figure{Value: float64(r.Start)})
			stop.put(v, Figure{Value: float64(r.Stop)})
		}})
	}
	full := s.variants[len(s.variants)-1]
	asks = append(asks, ask{Request{Part: partRest, Variant: full.alone()}, func(r Result) { alone.put(full, r.atRest()) }})
	for i := range asks {
		asks[i].request.Window, asks[i].request.PlainWindow = s.Month, s.PlainRest
	}
	err := s.askAll(ctx, asks, runtime.NumCPU())
	return rowsOf(&atRest, &alone, &start, &stop), err
}

// atRest is what the commands of the window are in a month.
func (r Result) atRest() Figure {
	return Figure{
		Value: float64(r.Rest) * r.Factor,
		Note:  fmt.Sprintf("%d in %v of virtual time, times %g", r.Rest, r.Window, r.Factor),
	}
}

// cpu measures idle processes, all at the same time, each with a redis-server.
func (s *suite) cpu(ctx context.Context) ([]Row, error) {
	row := Row{What: "CPU of the idle process", How: measured, Counted: byServer, Unit: "% of a core", Reach: atMost(0.1)}
	var asks []ask
	for _, v := range s.variants {
		server, err := newServerTarget(ctx)
		if err != nil {
			return nil, err
		}
		defer func() { _ = server.close() }() // nothing is in it that anybody wants
		request := Request{Part: partIdle, Variant: v, Window: s.CPUWindow, Address: server.place().address}
		asks = append(asks, ask{request, func(r Result) {
			row.put(v, Figure{Value: r.CPU, Note: fmt.Sprintf("over %v", s.CPUWindow)})
		}})
	}
	err := s.askAll(ctx, asks, len(asks))
	return rowsOf(&row), err
}

// ask is a request, and what to do with its result.
type ask struct {
	request Request
	take    func(Result)
}

// askAll has requests measured, so many at a time.
func (s *suite) askAll(ctx context.Context, asks []ask, atATime int) error {
	results := make([]Result, len(asks))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(atATime)
	for i, a := range asks {
		group.Go(func() (err error) {
			s.tell("%s", a.request)
			results[i], err = s.Run(ctx, a.request)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	for i, a := range asks {
		a.take(results[i])
	}
	return nil
}

func rowsOf(rows ...*Row) []Row {
	var all []Row
	for _, row := range rows {
		if len(row.Figures) > 0 {
			all = append(all, *row)
		}
	}
	return all
}
