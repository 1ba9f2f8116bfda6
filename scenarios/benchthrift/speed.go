package benchthrift

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"tollgate/fakes/memnet"
)

// throughput measures jobs a second on a redis-server that is near.
func (s *suite) throughput(ctx context.Context) ([]Row, error) {
	rate := Row{What: "jobs that do nothing, with enqueue", How: measured, Counted: byServer, Unit: "1/s", Reach: atLeast(10_000)}
	perJob := Row{What: "billed per job of these", How: measured, Counted: byServer}
	rounds := make([][]loaded, len(s.variants)) // by variant
	for range s.Rounds {                        // all variants in turn, so that what disturbs the machine disturbs all
		for i, v := range s.variants {
			l, err := s.near(ctx, v)
			if err != nil {
				return nil, err
			}
			rounds[i] = append(rounds[i], l)
		}
	}
	for i, v := range s.variants {
		slices.SortFunc(rounds[i], func(a, b loaded) int { return int(a.rate - b.rate) })
		slowest, median, fastest := rounds[i][0], rounds[i][len(rounds[i])/2], rounds[i][len(rounds[i])-1]
		rate.put(v, Figure{Value: median.rate, Samples: s.Rounds, Note: fmt.Sprintf("%.0f to %.0f", slowest.rate, fastest.rate)})
		perJob.put(v, Figure{Value: median.perJob, Samples: median.jobs})
	}
	return rowsOf(&rate, &perJob), nil
}

func (s *suite) near(ctx context.Context, v Variant) (loaded, error) {
	s.tell("throughput: %s", v)
	redis, err := newServerTarget(ctx)
	if err != nil {
		return loaded{}, err
	}
	l, err := measureLoad(ctx, redis, load{at: redis.place(), variant: v, jobs: s.Throughput})
	return l, errors.Join(err, redis.close())
}

// distance measures jobs a second on a redis-server that is far.
func (s *suite) distance(ctx context.Context) ([]Row, error) {
	row := Row{How: measured, Counted: byServer, Unit: "1/s", Reach: atLeast(500)}
	drained, both := row, row
	drained.What = fmt.Sprintf("jobs of %v at %v, added before", distanceWork, s.RTT)
	both.What = fmt.Sprintf("jobs of %v at %v, with enqueue", distanceWork, s.RTT)
	for _, v := range s.variants {
		l, err := s.far(ctx, v, drained.What, measureDrain)
		if err != nil {
			return nil, err
		}
		drained.put(v, Figure{Value: l.rate, Samples: l.jobs})
		if l, err = s.far(ctx, v, both.What, measureLoad); err != nil {
			return nil, err
		}
		both.put(v, Figure{Value: l.rate, Samples: l.jobs})
	}
	return rowsOf(&drained, &both), nil
}

func (s *suite) far(ctx context.Context, v Variant, what string, measure func(context.Context, target, load) (loaded, error)) (loaded, error) {
	s.tell("distance, %s: %s", what, v)
	redis, err := newServerTarget(ctx)
	if err != nil {
		return loaded{}, err
	}
	at := redis.place()
	at.network = memnet.WithLatency(at.network, s.RTT)
	l, err := measure(ctx, redis, load{at: at, variant: v, jobs: s.Distance, work: distanceWork})
	return l, errors.Join(err, redis.close())
}
