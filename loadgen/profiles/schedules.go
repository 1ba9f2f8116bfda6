package profiles

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
	"go.yaml.in/yaml/v3"
)

// fiveFields is the form that asynq's scheduler takes, without its "@every".
var fiveFields = cron.NewParser(cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow)

// Schedule is a queue whose jobs the service itself adds at times of the calendar.
type Schedule struct {
	Queue string `json:"queue"`
	// Spec is a cron expression of five fields, in UTC: "7 * * * *" is seven minutes past each hour.
	Spec string `json:"spec"`
}

// parseSpec reads a cron expression of five fields. Those with a time zone ("TZ=...") are refused: times are in UTC, and
// cron panics at some of them.
func parseSpec(spec string) (cron.Schedule, error) {
	if strings.Contains(spec, "=") {
		return nil, errors.New("it names a time zone; times are in UTC")
	}
	return fiveFields.Parse(spec)
}

// Ticks is how many jobs the schedule adds in a run of that length, which begins at Start: by a scheduler that was
// started before, so that a tick at the very start counts; one at the end does not.
func (s Schedule) Ticks(length time.Duration) (ticks int) {
	times, err := parseSpec(s.Spec)
	if err != nil {
		return 0 // a profile has none that is not understood
	}
	for at := times.Next(Start.Add(-1)); !at.IsZero() && at.Before(Start.Add(length)); at = times.Next(at) {
		ticks++
	}
	return ticks
}

// Scheduled is how many of a queue's jobs come by its schedules.
func (p Profile) Scheduled(queue string) (jobs int) {
	for _, s := range p.Schedules {
		if s.Queue == queue {
			jobs += s.Ticks(p.Duration)
		}
	}
	return jobs
}

// schedules decodes a mapping from queue to one expression or a list of them. The order is that of queues, then of
// expressions.
func (d *decoder) schedules(dst *[]Schedule, known []string) decode {
	return func(n *yaml.Node, path string) {
		fields := make([]field, len(known))
		for i, queue := range known {
			fields[i] = field{queue, false, d.specs(dst, queue)}
		}
		d.mappingOf(n, path, "queue", fields)
		slices.SortStableFunc(*dst, func(a, b Schedule) int { return cmp.Or(cmp.Compare(a.Queue, b.Queue), cmp.Compare(a.Spec, b.Spec)) })
	}
}

// maxSpecs is how many schedules a queue may have.
const maxSpecs = 100

func (d *decoder) specs(dst *[]Schedule, queue string) decode {
	return func(n *yaml.Node, path string) {
		items := []*yaml.Node{n}
		if n.Kind == yaml.SequenceNode {
			items = n.Content
		}
		if len(items) > maxSpecs {
			d.report(n.Line, path, "%d schedules are too many; use at most %d", len(items), maxSpecs)
			return
		}
		for _, item := range items {
			s := Schedule{Queue: queue}
			before := len(d.problems)
			d.text(&s.Spec)(item, path)
			if len(d.problems) > before {
				continue
			}
			if _, err := parseSpec(s.Spec); err != nil {
				d.report(item.Line, path, "%q is no cron expression of five fields: %v", s.Spec, err)
				continue
			}
			*dst = append(*dst, s)
		}
	}
}
