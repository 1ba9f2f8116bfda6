package meter

import (
	"fmt"
	"math"
	"time"

	"tollgate/fakes/upstash/ledger"
)

const (
	// Month is what is projected to: 30 days.
	Month = 30 * 24 * time.Hour
	// RestMinutes is how many minutes in a row rest is taken from, at least, once there are enough.
	RestMinutes = 5
	// restShare is the part of all minutes that rest is taken from before that.
	restShare = 3
	// steady is by how much the busiest minute at rest may exceed the quietest for a good projection.
	steady = 0.2
)

// Confidence is how sure rest is.
type Confidence string

// The grades of Confidence.
const (
	Low  Confidence = "low"
	Fair Confidence = "fair"
	Good Confidence = "good"
)

// Projection is what a month would have, in billed commands.
type Projection struct {
	// Seen is all minutes that the total is projected from, Rest those of the quietest stretch.
	Seen Window `json:"seen"`
	Rest Window `json:"rest"`
	// Absent is how many minutes were left out because the application was not there.
	Absent int `json:"absent_minutes"`
	// TotalPerMonth is RestPerMonth and WorkPerMonth together.
	TotalPerMonth int64 `json:"total_per_month"`
	RestPerMonth  int64 `json:"rest_per_month"`
	WorkPerMonth  int64 `json:"work_per_month"`
	// Confidence is how sure RestPerMonth is, and Because why.
	Confidence Confidence `json:"confidence"`
	Because    string     `json:"because"`
	// Components splits the month by component, in the order of the timeline; without those that had nothing.
	Components []Share `json:"components"`
	// Costs is what the month costs on each plan.
	Costs []Cost `json:"costs"`
	// Headroom is how many more commands the free plan would allow; less than 0 if the month has too many.
	Headroom int64 `json:"free_plan_headroom"`
}

// Window is a stretch of full minutes. Those in which the application was not there are not among them.
type Window struct {
	From    time.Time `json:"from"`
	To      time.Time `json:"to"`
	Minutes int       `json:"minutes"`
	// Billed is how many commands were billed in it, Least and Most in its quietest and its busiest minute.
	Billed int64 `json:"billed"`
	Least  int64 `json:"least_per_minute"`
	Most   int64 `json:"most_per_minute"`
	// Open is the most TCP connections open at one time.
	Open int64 `json:"open_connections"`
}

// Share is the part of one component.
type Share struct {
	Component     string `json:"component"`
	TotalPerMonth int64  `json:"total_per_month"`
	RestPerMonth  int64  `json:"rest_per_month"`
}

// Project projects a timeline of minutes, as it stands now, to a month. It is nil before the first minute is over.
func Project(minutes ledger.Timeline, now time.Time) *Projection {
	full, absent := present(minutes, now)
	if len(full) == 0 {
		return nil
	}
	rest := quietest(full, max(1, min(RestMinutes, len(full)/restShare)))
	p := &Projection{Seen: windowOf(full, minutes.Step), Rest: windowOf(rest, minutes.Step), Absent: absent, Components: []Share{}}
	p.TotalPerMonth = perMonth(p.Seen.Billed, len(full))
	p.RestPerMonth = perMonth(p.Rest.Billed, len(rest))
	p.WorkPerMonth = p.TotalPerMonth - p.RestPerMonth
	p.Confidence, p.Because = p.Rest.confidence(len(full))
	for column, component := range minutes.Components {
		share := Share{
			Component:     component,
			TotalPerMonth: perMonth(billedIn(full, column), len(full)),
			RestPerMonth:  perMonth(billedIn(rest, column), len(rest)),
		}
		if share.TotalPerMonth > 0 || share.RestPerMonth > 0 {
			p.Components = append(p.Components, share)
		}
	}
	p.Costs, p.Headroom = costs(p.TotalPerMonth, p.RestPerMonth)
	return p
}

// present lists the minutes that are over and in which the application was there, and counts those in which it was
// not.
func present(minutes ledger.Timeline, now time.Time) (full []ledger.Slot, absent int) {
	connects := false
	for _, s := range minutes.Slots {
		connects = connects || s.Open > 0
	}
	for _, s := range minutes.Slots {
		switch {
		case s.At.Add(minutes.Step).After(now):
		case connects && s.Commands == 0 && s.Open == 0:
			absent++
		default:
			full = append(full, s)
		}
	}
	return full, absent
}

// quietest is the stretch of at least that many minutes with the lowest mean. One of twice the length or more has a
// half that is no busier, so longer ones need no look; nor can its mean exceed that of all minutes.
func quietest(minutes []ledger.Slot, least int) []ledger.Slot {
	sums := make([]int64, len(minutes)+1)
	for i, s := range minutes {
		sums[i+1] = sums[i] + billed(s)
	}
	best, lowest := minutes, math.Inf(1)
	for length := least; length < 2*least && length <= len(minutes); length++ {
		for from := 0; from+length <= len(minutes); from++ {
			if mean := float64(sums[from+length]-sums[from]) / float64(length); mean < lowest {
				best, lowest = minutes[from:from+length], mean
			}
		}
	}
	return best
}

func windowOf(slots []ledger.Slot, step time.Duration) Window {
	last := slots[len(slots)-1]
	w := Window{From: slots[0].At, To: last.At.Add(step), Minutes: len(slots), Least: math.MaxInt64}
	for _, s := range slots {
		n := billed(s)
		w.Billed += n
		w.Least, w.Most = min(w.Least, n), max(w.Most, n)
		w.Open = max(w.Open, s.Open)
	}
	return w
}

// Excess is how many commands the month has beyond the limit of the free plan, or 0.
func (p *Projection) Excess() int64 { return max(0, -p.Headroom) }

// PerMinute is the mean of the window's minutes.
func (w Window) PerMinute() float64 { return float64(w.Billed) / float64(w.Minutes) }

func (w Window) confidence(seen int) (Confidence, string) {
	spread := fmt.Sprintf("its minutes had %d to %d billed commands", w.Least, w.Most)
	switch {
	case w.Minutes < RestMinutes:
		return Low, fmt.Sprintf("%d of %d full minutes seen so far; %d at rest are needed for more", w.Minutes, seen, RestMinutes)
	case float64(w.Most) <= float64(w.Least)*(1+steady):
		return Good, spread
	default:
		return Fair, spread
	}
}

func billed(s ledger.Slot) (n int64) {
	for _, b := range s.Billed {
		n += b
	}
	return n
}

func billedIn(slots []ledger.Slot, column int) (n int64) {
	for _, s := range slots {
		n += s.Billed[column]
	}
	return n
}

func perMonth(billed int64, minutes int) int64 {
	return int64(math.Round(float64(billed) / float64(minutes) * Month.Minutes()))
}
