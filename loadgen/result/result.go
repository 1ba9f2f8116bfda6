package result

import (
	"time"

	"tollgate/loadgen"
	"tollgate/loadgen/profiles"
	"tollgate/reports"
)

// Run is a load that was sent.
type Run struct {
	Summary loadgen.Summary
	Profile profiles.Profile
	// Target is where it went, without credentials.
	Target  string
	Segment loadgen.Segment // zero for a whole run
	// MaxStartLag is the limit of the p99 of start lag; 0 is DefaultMaxStartLag.
	MaxStartLag time.Duration
	// Account is what the target's own account shows of the run; nil where it cannot be read.
	Account *Account
	// Notes are added to the result's.
	Notes []string
	Build reports.Build
}

// Account is what a run cost by the target's own account.
type Account struct {
	Billed          int64 // commands billed since the start of the run
	Wire            int64 // commands sent since then
	Connections     int64 // open at the end
	PeakConnections int64 // most at once, since the account began
}

// Of is the result of a run, judged.
func Of(r Run) reports.Result {
	if r.MaxStartLag == 0 {
		r.MaxStartLag = DefaultMaxStartLag
	}
	set, s := Criteria(r.MaxStartLag), r.Summary
	judgements := reports.Judge(set, measurements(s), nil)
	out := reports.Result{
		SchemaVersion: reports.SchemaVersion, Scenario: Scenario, Title: "Load sent to " + r.Target,
		Profile: s.Profile, Seed: s.Seed, Clock: "real", Started: s.StartedAt, Finished: s.StartedAt.Add(s.Elapsed), Partial: s.Partial,
		Judgements: judgements, Decision: reports.Decide(judgements, s.Partial),
		Tables: tables(r), Histograms: histograms(s), Notes: r.Notes,
		Inputs: []reports.Input{r.Profile.Input(), input(set)}, Build: r.Build,
	}
	if r.Segment != (loadgen.Segment{}) {
		out.Segment = &reports.Segment{Index: r.Segment.Index, Of: r.Segment.Of}
	}
	return out
}

// histograms are the latencies from the intended start by kind, and the start lag.
func histograms(s loadgen.Summary) []reports.Histogram {
	of := func(name string, l loadgen.Latency) reports.Histogram {
		return reports.Histogram{Name: name, Series: series, Unit: unit, Count: l.Count, HDR: l.Histogram}
	}
	all := make([]reports.Histogram, 0, len(s.Kinds)+1)
	for _, kind := range s.Kinds {
		all = append(all, of(string(kind.Kind), kind.FromIntended))
	}
	return append(all, of(lagName, s.StartLag))
}
