package profiles

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

var (
	namePattern = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	yamlLine    = regexp.MustCompile(`^yaml: line (\d+): `)
)

// Parse reads one profile from YAML. name is what problems call the file;
// knownQueues are the queues that must be there, each exactly once, and no
// others. The error is an [*Error] with all problems, or nil.
func Parse(name string, data []byte, knownQueues []string) (Profile, error) {
	d := &decoder{file: name}
	root := d.document(data)
	if root == nil {
		return Profile{}, d.err()
	}
	p := d.profile(root, knownQueues)
	if err := d.err(); err != nil {
		return Profile{}, err
	}
	return p, nil
}

// document returns the top-level mapping of the only document in data, or nil
// after it has reported why there is none.
func (d *decoder) document(data []byte) *yaml.Node {
	if len(data) > MaxBytes {
		d.report(0, "", "%d bytes are more than the %d a profile may have", len(data), MaxBytes)
		return nil
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var doc yaml.Node
	if err := dec.Decode(&doc); errors.Is(err, io.EOF) {
		d.report(0, "", "the file is empty; start from a copy of a built-in profile")
		return nil
	} else if err != nil {
		line, text := 0, err.Error()
		if m := yamlLine.FindStringSubmatch(text); m != nil {
			line, _ = strconv.Atoi(m[1])
			text = strings.TrimPrefix(text, m[0])
		}
		d.report(line, "", "not YAML: %s", strings.TrimPrefix(text, "yaml: "))
		return nil
	}
	if err := dec.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		d.report(0, "", "more than one document; a file holds one profile")
		return nil
	}
	return doc.Content[0]
}

// profile decodes and checks the top-level mapping.
func (d *decoder) profile(root *yaml.Node, knownQueues []string) Profile {
	var p Profile
	d.mapping(root, "", []field{
		{"name", true, d.text(&p.Name)},
		{"description", false, d.text(&p.Description)},
		{"seed", true, d.seed(&p.Seed)},
		{"duration", true, d.duration(&p.Duration)},
		{"jobs", true, d.jobs(&p.Jobs, knownQueues)},
		{"api_requests", true, d.count(&p.APIRequests, 0, MaxCount)},
		{"sms_checks", true, d.count(&p.SMSChecks, 0, MaxCount)},
		{"cache", true, d.cache(&p.Cache)},
		{"keys", true, d.popularity(&p.Keys)},
		{"users", true, d.popularity(&p.Users)},
		{"api_clients", true, d.popularity(&p.APIClients)},
		{"pacing", true, d.pacing(&p.Pacing)},
		{"rhythm", false, d.rhythm(&p.Rhythm)},
		{"schedules", false, d.schedules(&p.Schedules, knownQueues)},
		{"value_bytes", true, d.count(&p.ValueBytes, 2, MaxValueBytes)},
		{"scale", false, d.scale(&p.Scale)},
	})
	if len(d.problems) > 0 {
		return p
	}
	if !namePattern.MatchString(p.Name) {
		d.report(root.Line, "name", "%q is not a profile name; use lower-case words joined by hyphens", p.Name)
	}
	if p.Pacing.JobsWithin > p.Duration {
		d.report(root.Line, "pacing.jobs_within", "%s is longer than duration %s", p.Pacing.JobsWithin, p.Duration)
	}
	d.calendar(root, p)
	switch n := p.ArrivalCount(); {
	case n == 0:
		d.report(root.Line, "", "nothing to do: no jobs, no API requests, no direct cache operations")
	case n > MaxArrivals:
		d.report(root.Line, "", "%d arrivals are more than the %d one profile may cause", n, MaxArrivals)
	}
	return p
}

// calendar checks what a rhythm and schedules need of the rest.
func (d *decoder) calendar(root *yaml.Node, p Profile) {
	if p.Rhythm != nil {
		line := lineOf(root, "rhythm")
		if p.Pacing.Arrivals != Poisson {
			d.report(line, "rhythm", "cannot be kept with arrivals: %s; use %s, or remove it", p.Pacing.Arrivals, Poisson)
		}
		for _, within := range []time.Duration{p.Duration, p.Pacing.JobsWithin} {
			if _, err := p.Rhythm.Clock(within); err != nil {
				d.report(line, "rhythm", "%v (%s)", err, within)
				break
			}
		}
	}
	for _, queue := range p.Queues() {
		if ticks := p.Scheduled(queue); ticks > p.Jobs[queue] {
			d.report(lineOf(root, "schedules", queue), "schedules."+queue, "adds %d jobs in %s, but jobs.%s is %d; they are a part of it",
				ticks, p.Duration, queue, p.Jobs[queue])
		}
	}
}

func (d *decoder) jobs(dst *map[string]int, known []string) decode {
	return func(n *yaml.Node, path string) {
		counts := make(map[string]*int, len(known))
		fields := make([]field, len(known))
		for i, queue := range known {
			counts[queue] = new(int)
			fields[i] = field{queue, true, d.count(counts[queue], 0, MaxCount)}
		}
		d.mappingOf(n, path, "queue", fields)
		*dst = make(map[string]int, len(known))
		for _, queue := range slices.Sorted(maps.Keys(counts)) {
			(*dst)[queue] = *counts[queue]
		}
	}
}

func (d *decoder) cache(dst *Cache) decode {
	return func(n *yaml.Node, path string) {
		before := len(d.problems)
		d.mapping(n, path, []field{
			{"reads", true, d.count(&dst.Reads, 0, MaxCount)},
			{"writes", true, d.count(&dst.Writes, 0, MaxCount)},
			{"deletes", true, d.count(&dst.Deletes, 0, MaxCount)},
			{"service_share", false, d.ops(&dst.ServiceShare)},
		})
		if len(d.problems) > before {
			return
		}
		for _, c := range []struct {
			name         string
			share, total int
		}{
			{"reads", dst.ServiceShare.Reads, dst.Reads},
			{"writes", dst.ServiceShare.Writes, dst.Writes},
			{"deletes", dst.ServiceShare.Deletes, dst.Deletes},
		} {
			if c.share > c.total {
				d.report(n.Line, path+".service_share."+c.name,
					"%d is more than the total of %d; it is a part of the total", c.share, c.total)
			}
		}
	}
}

func (d *decoder) ops(dst *Ops) decode {
	return func(n *yaml.Node, path string) {
		d.mapping(n, path, []field{
			{"reads", true, d.count(&dst.Reads, 0, MaxCount)},
			{"writes", true, d.count(&dst.Writes, 0, MaxCount)},
			{"deletes", true, d.count(&dst.Deletes, 0, MaxCount)},
		})
	}
}

func (d *decoder) popularity(dst *Popularity) decode {
	return func(n *yaml.Node, path string) {
		d.mapping(n, path, []field{
			{"count", true, d.count(&dst.Count, 1, MaxCount)},
			{"zipf_s", true, d.number(&dst.ZipfS, 0, MaxZipfS)},
		})
	}
}

func (d *decoder) pacing(dst *Pacing) decode {
	return func(n *yaml.Node, path string) {
		before := len(d.problems)
		d.mapping(n, path, []field{
			{"jobs_within", true, d.duration(&dst.JobsWithin)},
			{"arrivals", true, d.text((*string)(&dst.Arrivals))},
			{"burst_every", false, d.duration(&dst.BurstEvery)},
		})
		if len(d.problems) > before {
			return
		}
		known := []Arrivals{Poisson, Constant, Burst}
		switch {
		case !slices.Contains(known, dst.Arrivals):
			d.report(n.Line, path+".arrivals", "%q is unknown; use one of %v", dst.Arrivals, known)
		case dst.Arrivals == Burst && dst.BurstEvery == 0:
			d.report(n.Line, path+".burst_every", "missing; arrivals: burst needs the time between two bursts")
		case dst.Arrivals != Burst && dst.BurstEvery != 0:
			d.report(n.Line, path+".burst_every", "has no effect with arrivals: %s; remove it", dst.Arrivals)
		case dst.BurstEvery > dst.JobsWithin:
			d.report(n.Line, path+".burst_every", "%s is longer than jobs_within %s", dst.BurstEvery, dst.JobsWithin)
		}
	}
}

func (d *decoder) scale(dst **Scale) decode {
	return func(n *yaml.Node, path string) {
		s := new(Scale)
		d.mapping(n, path, []field{
			{"of", true, d.text(&s.Of)},
			{"divisor", true, d.number(&s.Divisor, minDivisor, MaxCount)},
		})
		*dst = s
	}
}

// minDivisor is the smallest divisor of a scale: a profile a thousand times the
// size of the one it comes from.
const minDivisor = 0.001

// err is the collected problems in file order, or nil.
func (d *decoder) err() error {
	if len(d.problems) == 0 {
		return nil
	}
	slices.SortStableFunc(d.problems, func(a, b Problem) int { return a.Line - b.Line })
	return &Error{Problems: d.problems}
}

func (d *decoder) report(line int, path, format string, args ...any) {
	d.problems = append(d.problems, Problem{File: d.file, Line: line, Field: path, Message: fmt.Sprintf(format, args...)})
}
