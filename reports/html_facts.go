package reports

import (
	"fmt"
	"slices"
	"time"
)

// fact is one line of what was run, when and where.
type fact struct {
	Name, Value string
	// Digest is the SHA-256 of what the fact names, "" where it has none.
	Digest string
}

// facts lists what was run, when and where; what is not known is left out.
func facts(r Result) []fact {
	commit := r.Build.Commit
	if r.Build.Dirty {
		commit += " with local changes"
	}
	all := []fact{
		{Name: "Scenario", Value: r.Scenario},
		{Name: "Stage under test", Value: r.Stage},
		{Name: "Compared with", Value: r.Baseline},
		{Name: "Load profile", Value: r.Profile},
		{Name: "Segment", Value: r.Segment.inWords()},
		{Name: "Seed", Value: fmt.Sprint(r.Seed)},
		{Name: "Clock", Value: r.Clock},
		{Name: "Started", Value: instant(r.Started)},
		{Name: "Finished", Value: instant(r.Finished)},
		{Name: "Duration", Value: took(r)},
		{Name: "Commit", Value: commit},
		{Name: "Go", Value: r.Build.Go},
		{Name: "Machine", Value: machine(r.Build)},
		{Name: "Processor", Value: r.Build.CPU},
		{Name: "Memory", Value: memory(r.Build.MemoryBytes)},
	}
	for _, in := range r.Inputs {
		all = append(all, fact{Name: "Input: " + in.Kind, Value: in.Name, Digest: in.SHA256})
	}
	return slices.DeleteFunc(all, func(f fact) bool { return f.Value == "" })
}

func (s *Segment) inWords() string {
	if s == nil {
		return ""
	}
	return fmt.Sprintf("%d of %d", s.Index, s.Of)
}

func took(r Result) string {
	if took := r.took(); took > 0 {
		return duration(took)
	}
	return ""
}

func instant(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02 15:04:05 UTC")
}

func machine(b Build) string {
	if b.OS == "" {
		return ""
	}
	return fmt.Sprintf("%s/%s, %d CPUs", b.OS, b.Arch, b.CPUs)
}

func memory(bytes uint64) string {
	if bytes == 0 {
		return ""
	}
	return Format(float64(bytes)/(1<<30), "GiB")
}
