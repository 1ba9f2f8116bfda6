package benchthrift

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"
)

// Defaults of Options.
const (
	DefaultMonth      = month
	DefaultPlainRest  = 10 * time.Minute
	DefaultJobs       = 1000
	DefaultThroughput = 20_000
	DefaultRounds     = 3
	DefaultDistance   = 500
	DefaultRTT        = 20 * time.Millisecond
	DefaultSamples    = 150
	DefaultCPUWindow  = 20 * time.Second
	distanceWork      = 50 * time.Millisecond
	fewestPlain       = 3
	plainSingleShare  = 50 // of the jobs one at a time on a redis-server, plain asynq gets one in so many: it needs a second for each
	plainSamplesShare = 5
)

// ErrOptions is what errors.Is finds in what is wrong with Options.
var ErrOptions = errors.New("invalid options")

// Options say what to measure. All sizes must be positive.
type Options struct {
	Sections   []string      // names; empty for all
	Month      time.Duration // virtual, at rest, governed; figures are scaled to 30 days
	PlainRest  time.Duration // virtual, at rest, plain asynq; likewise
	Jobs       int           // one at a time, and at once
	Throughput int           // jobs of each round
	Rounds     int           // of throughput, of which the median counts
	Distance   int           // jobs at a distance
	RTT        time.Duration // the distance
	Samples    int           // sparse jobs
	CPUWindow  time.Duration // of an idle process
	Run        Run           // measures what needs a process of its own; InChild
	Progress   io.Writer     // hears what is being measured
}

// section is a part of the table.
type section struct {
	name    string
	measure func(*suite, context.Context) ([]Row, error)
}

// suite is a run.
type suite struct {
	Options
	variants []Variant
	telling  sync.Mutex
}

func sections() []section {
	return []section{
		{"rest", (*suite).rest},
		{"one-at-a-time", (*suite).oneAtATime},
		{"at-once", (*suite).atOnce},
		{"latency", (*suite).latency},
		{"throughput", (*suite).throughput},
		{"distance", (*suite).distance},
		{"cpu", (*suite).cpu},
	}
}

// Sections are the names of all sections, in their order.
func Sections() []string {
	var names []string
	for _, s := range sections() {
		names = append(names, s.name)
	}
	return names
}

// Validate says everything that is wrong; the error wraps ErrOptions.
func (o Options) Validate() error {
	var problems []error
	for _, name := range o.Sections {
		if !slices.Contains(Sections(), name) {
			problems = append(problems, fmt.Errorf("no section is called %q; there are %s", name, strings.Join(Sections(), ", ")))
		}
	}
	for _, size := range []struct {
		name  string
		value int64
	}{
		{"month", int64(o.Month)},
		{"plain rest", int64(o.PlainRest)},
		{"jobs", int64(o.Jobs)},
		{"throughput", int64(o.Throughput)},
		{"rounds", int64(o.Rounds)},
		{"distance", int64(o.Distance)},
		{"rtt", int64(o.RTT)},
		{"samples", int64(o.Samples)},
		{"cpu window", int64(o.CPUWindow)},
	} {
		if size.value <= 0 {
			problems = append(problems, fmt.Errorf("%s is %d; give more than 0", size.name, size.value))
		}
	}
	if len(problems) > 0 {
		return fmt.Errorf("%w: %w", ErrOptions, errors.Join(problems...))
	}
	return nil
}

// Measure runs the sections one after another.
func Measure(ctx context.Context, o Options) (Report, error) {
	if err := o.Validate(); err != nil {
		return Report{}, err
	}
	s := &suite{Options: o, variants: Variants()}
	r := Report{Started: time.Now(), Go: runtime.Version(), CPUs: runtime.NumCPU()}
	for _, v := range s.variants {
		r.Variants = append(r.Variants, v.Name)
	}
	for _, section := range sections() {
		if len(o.Sections) > 0 && !slices.Contains(o.Sections, section.name) {
			continue
		}
		rows, err := section.measure(s, ctx)
		if err != nil {
			return Report{}, fmt.Errorf("%s: %w", section.name, err)
		}
		for i := range rows {
			rows[i].Section = section.name
		}
		r.Rows = append(r.Rows, rows...)
		r.Notes = append(r.Notes, s.notes(section.name)...)
	}
	r.Took = time.Since(r.Started).Seconds()
	return r, nil
}

// tell says what is being measured.
func (s *suite) tell(format string, args ...any) {
	s.telling.Lock()
	defer s.telling.Unlock()
	fmt.Fprintf(s.Progress, format+"\n", args...)
}

// ours are the governed variants.
func (s *suite) ours() []Variant {
	return slices.DeleteFunc(slices.Clone(s.variants), func(v Variant) bool { return !v.governed() })
}
