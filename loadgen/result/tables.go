package result

import (
	"time"

	"tollgate/loadgen"
	"tollgate/reports"
)

// tables are the figures of a run for people.
func tables(r Run) []reports.Table {
	all := []reports.Table{arrivals(r.Summary)}
	if len(r.Summary.ErrorCounts) > 0 {
		all = append(all, failures(r.Summary.ErrorCounts))
	}
	if r.Account != nil {
		all = append(all, cost(*r.Account))
	}
	return all
}

func right(name string) reports.Column { return reports.Column{Name: name, Align: reports.AlignRight} }

func number(n int64) string { return reports.Format(float64(n), "count") }

// arrivals has a row for each kind, and below it one for each of its queues or routes.
func arrivals(s loadgen.Summary) reports.Table {
	t := reports.Table{
		Title: "Arrivals", How: reports.Measured,
		Note: "Latencies from the intended start to the answer, whatever the answer was. Limited is refused by a rate limiter, a correct answer.",
		Columns: []reports.Column{
			{Name: "Kind"},
			{Name: "Queue or route"},
			right("Planned"), right("Sent"), right("OK"), right("Limited"), right("Errors"), right("Dropped"),
			right("p50"), right("p95"), right("p99"), right("Max"),
		},
	}
	for _, kind := range s.Kinds {
		t.Rows = append(t.Rows, row(kind))
		for _, label := range s.Labels {
			if label.Kind == kind.Kind {
				t.Rows = append(t.Rows, row(label))
			}
		}
	}
	return t
}

func row(g loadgen.Group) []string {
	l := g.FromIntended
	at := func(d time.Duration) string {
		if l.Count == 0 {
			return "none"
		}
		return reports.Format(float64(d)/float64(time.Millisecond), "ms")
	}
	return []string{
		string(g.Kind), g.Label, number(g.Planned), number(g.Sent), number(g.OK), number(g.Limited), number(g.Errors), number(g.Dropped),
		at(l.P50), at(l.P95), at(l.P99), at(l.Max),
	}
}

func failures(counts []loadgen.ErrorCount) reports.Table {
	t := reports.Table{Title: "Errors", How: reports.Measured, Columns: []reports.Column{{Name: "Class"}, right("Times"), {Name: "For example"}}}
	for _, c := range counts {
		t.Rows = append(t.Rows, []string{string(c.Class), number(c.Count), c.Example})
	}
	return t
}

func cost(a Account) reports.Table {
	return reports.Table{
		Title: "The account of the Redis", How: reports.Measured,
		Note:    "What all its clients did during the run, workers included, and not the load alone.",
		Columns: []reports.Column{{Name: "Figure"}, right("Value")},
		Rows: [][]string{
			{"Billed commands", number(a.Billed)},
			{"Commands sent", number(a.Wire)},
			{"Connections at the end", number(a.Connections)},
			{"Most connections at once, since the account began", number(a.PeakConnections)},
		},
	}
}
