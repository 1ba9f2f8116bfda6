package month

import (
	"fmt"
	"time"

	"tollgate/fakes/upstash/ledger"
	"tollgate/loadgen"
	"tollgate/system/config"
	"tollgate/system/thrift"
)

// plainMonth is the month of a stage with plain asynq, of which only some hours are simulated.
type plainMonth struct {
	stage config.Stage
	hours []Observation
	idle  Observation // an hour without load
	days  int         // of the month that the hours stand for
}

// plainMonths are those of legacy and phase1.
func (s *Suite) plainMonths(simulate func(Task, *Observation)) []plainMonth {
	all := []plainMonth{{stage: config.StageLegacy}, {stage: config.StagePhase1}}
	for i := range all {
		p := &all[i]
		p.days, p.hours = s.opts.Days, make([]Observation, s.opts.Hours)
		for k := range p.hours {
			simulate(s.task(p.stage, hourOf(k, s.opts.Hours, s.opts.Days), time.Hour), &p.hours[k])
		}
		simulate(idle(s.task(p.stage, 0, time.Hour)), &p.idle)
	}
	return all
}

// hourOf is the start of the k-th of n hours of a month: one in each n-th part of it, where in that part so that they fall on all
// hours of the day.
func hourOf(k, n, days int) time.Duration {
	first, end := k*days*24/n, (k+1)*days*24/n
	wanted := k * 24 / n % 24 // hour of the day
	later := (wanted - first%24 + 24) % 24
	return time.Duration(first+later%(end-first)) * time.Hour
}

// factor is what the hours are multiplied by.
func (p plainMonth) factor() float64 { return float64(p.days*24) / float64(len(p.hours)) }

// measured says whether all of it was simulated.
func (p plainMonth) measured() bool {
	for _, o := range p.hours {
		if o.Simulated == 0 {
			return false
		}
	}
	return len(p.hours) > 0 && p.idle.Simulated > 0
}

// billed is the month's billed commands, of all that the given part of an account counts.
func (p plainMonth) billed(of func(ledger.Snapshot) int64) float64 {
	var sum int64
	for _, o := range p.hours {
		sum += of(o.Account)
	}
	return float64(sum) * p.factor()
}

// atRest is what the month costs without load.
func (p plainMonth) atRest() float64 {
	return float64(p.idle.Account.Total.Billed) * float64(p.days) * float64(day) / float64(p.idle.Simulated)
}

// jobs is what the jobs of an account cost: the part of plain asynq's commands that it sends for a job and not because time passes.
func jobs(s ledger.Snapshot) int64 {
	const (
		emptyLook = 3 // EVALSHA, EXISTS, RPOPLPUSH
		fullLook  = 7 // and for a job HSET, HDEL, ZADD, HGET
		dueLook   = 2 // EVALSHA, ZRANGEBYSCORE
	)
	billed := s.ByCommand["SADD"].Billed // a queue's name, once for each process that adds to it
	for sha, c := range s.ByScript {
		switch thrift.ScriptName(sha) {
		case "asynq: enqueue", "asynq: schedule", "asynq: done", "asynq: complete", "asynq: retry", "asynq: archive", "asynq: requeue":
			billed += c.Billed
		case "asynq: dequeue":
			billed += (c.Billed - emptyLook*c.Wire) / (fullLook - emptyLook) * fullLook
		case "asynq: forward due jobs":
			billed += c.Billed - dueLook*c.Wire
		}
	}
	return billed
}

// how says in words how the month's figures came about.
func (p plainMonth) how() string {
	return fmt.Sprintf("%d whole hours of %s spread over %d days, times %.4g", len(p.hours), p.stage, p.days, p.factor())
}

// latency is that of all API requests of the hours.
func (p plainMonth) latency() (loadgen.Latency, error) { return requestLatency(p.hours...) }

// requestLatency puts the API latencies of observations together.
func requestLatency(all ...Observation) (loadgen.Latency, error) {
	return kindLatency(loadgen.KindRequest, all...)
}

// kindLatency puts the latencies of one kind of arrivals together.
func kindLatency(kind loadgen.Kind, all ...Observation) (loadgen.Latency, error) {
	parts := make([]loadgen.Latency, 0, len(all))
	for _, o := range all {
		if g, ok := o.Summary.Kind(kind); ok {
			parts = append(parts, g.FromIntended)
		}
	}
	return loadgen.MergeLatencies(parts...)
}

func total(s ledger.Snapshot) int64 { return s.Total.Billed }
