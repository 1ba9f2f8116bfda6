package month

import (
	"sync/atomic"
	"time"

	"tollgate/scenarios/bubble"
)

const (
	// lookEvery is the virtual time between two looks at whether to stop.
	lookEvery = 10 * time.Minute
	// minutesEvery is the virtual time between two takings of the ledger's minutes, of which it keeps a day.
	minutesEvery = 12 * time.Hour
)

// watch connects a simulation with the world outside.
type watch struct {
	outside    *bubble.Outside
	stop       func()
	reasonless atomic.Int64
}

// sample follows the counted time until stop is closed: it takes the course before the ledger forgets it, and tells where the
// simulation is.
func (s *simulation) sample(stop <-chan struct{}) {
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for {
		select {
		case <-stop:
			return
		case <-ticker.C:
		}
		since := time.Since(s.start)
		if since%minutesEvery == 0 {
			s.o.Course.take(s.world.Upstash.Ledger().Minutes(), s.start, time.Now())
		}
		if since%time.Hour == 0 {
			s.sampleErrors()
		}
		s.watch.outside.Tell(Progress{Simulated: since, Length: s.task.Length, Billed: s.world.Upstash.Ledger().Billed() - s.account.Total.Billed})
		if s.watch.outside.Stopped() {
			s.watch.stop()
		}
	}
}

// sampleErrors notes the connection errors of the hour that ends.
func (s *simulation) sampleErrors() {
	now := s.world.ConnectionErrors()
	total := now.KeyValue + now.Queues - s.errors.KeyValue - s.errors.Queues
	for _, n := range s.o.ErrorsByHour {
		total -= n
	}
	s.o.ErrorsByHour = append(s.o.ErrorsByHour, total)
}
