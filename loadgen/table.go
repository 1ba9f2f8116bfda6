package loadgen

import (
	"bytes"
	"fmt"
	"io"
	"time"
)

// WriteTable writes the summary for people: one row per kind, queue and route,
// latencies from the intended start, then errors, start lag and job outcomes.
func (s Summary) WriteTable(w io.Writer) error {
	var b bytes.Buffer
	partial := ""
	if s.Partial {
		partial = ", PARTIAL: stopped before its end"
	}
	fmt.Fprintf(&b, "profile %s, seed %d, %s%s\n\n", s.Profile, s.Seed, short(s.Elapsed), partial)
	fmt.Fprintf(&b, "%-13s %-24s %8s %8s %8s %8s %8s %8s %9s %9s %9s %9s\n",
		"kind", "queue or route", "planned", "sent", "ok", "limited", "errors", "dropped", "p50", "p95", "p99", "max")
	for _, kind := range s.Kinds {
		kind.row(&b)
		for _, label := range s.Labels {
			if label.Kind == kind.Kind {
				label.row(&b)
			}
		}
	}
	b.WriteByte('\n')
	s.notes(&b)
	_, err := w.Write(b.Bytes())
	return err
}

func (g Group) row(b *bytes.Buffer) {
	kind := string(g.Kind)
	if g.Label != "" {
		kind = ""
	}
	l := g.FromIntended
	cell := func(d time.Duration) string {
		if l.Count == 0 {
			return "-"
		}
		return short(d)
	}
	fmt.Fprintf(b, "%-13s %-24s %8d %8d %8d %8d %8d %8d %9s %9s %9s %9s\n",
		kind, g.Label, g.Planned, g.Sent, g.OK, g.Limited, g.Errors, g.Dropped,
		cell(l.P50), cell(l.P95), cell(l.P99), cell(l.Max))
}

// notes writes what does not fit the table.
func (s Summary) notes(b *bytes.Buffer) {
	for _, e := range s.ErrorCounts {
		fmt.Fprintf(b, "errors %s: %d, for example: %s\n", e.Class, e.Count, e.Example)
	}
	if s.Dropped > 0 {
		fmt.Fprintf(b, "dropped %d: as many arrivals as allowed were under way; the service is too slow for this load, or the limit is too low\n", s.Dropped)
	}
	if s.Interrupted > 0 || s.Abandoned > 0 {
		fmt.Fprintf(b, "cut short %d, still under way at the end %d\n", s.Interrupted, s.Abandoned)
	}
	if reads, ok := s.Kind(KindCacheRead); ok && reads.OK > 0 {
		fmt.Fprintf(b, "cache hits %d of %d reads (%.1f %%)\n", reads.Hits, reads.OK, 100*float64(reads.Hits)/float64(reads.OK))
	}
	if s.StartLag.Count > 0 {
		fmt.Fprintf(b, "arrivals started late by p99 %s, max %s\n", short(s.StartLag.P99), short(s.StartLag.Max))
	}
	if s.Jobs == nil {
		return
	}
	t := s.Jobs.Total
	rate := "no job was accepted"
	if r, ok := t.SuccessRate(); ok {
		rate = fmt.Sprintf("success rate %.2f %%", 100*r)
	}
	fmt.Fprintf(b, "jobs accepted %d, succeeded %d, retried %d, archived %d, outstanding %d; %s\n",
		t.Accepted, t.Succeeded, t.Retried, t.Archived, t.Outstanding, rate)
}
