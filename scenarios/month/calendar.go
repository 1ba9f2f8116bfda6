package month

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"tollgate/fakes/providers"
	"tollgate/fakes/upstash/faults"
	"tollgate/scenarios"
)

// The troubles that are no fault of the fake Upstash.
const (
	// Deploy replaces the service by another one, which overlaps with it.
	Deploy = "deploy"
	// ProviderOutage has every provider call fail.
	ProviderOutage = "provider-outage"
)

// Trouble is something that befalls the service.
type Trouble struct {
	// At is when, from the start of the month.
	At time.Duration `json:"at_ns"`
	// What is Deploy, ProviderOutage, or a fault of the fake Upstash as faults.ParseSpec reads it, such as
	// "latency,delay=200ms,for=1h".
	What string `json:"what"`
	// For is how long a ProviderOutage lasts.
	For time.Duration `json:"for_ns,omitempty"`
	// Text says it for the report.
	Text string `json:"text"`
}

// Calendar is a month's troubles.
type Calendar []Trouble

// Troubled is the calendar that a service is put through with --faults.
func Troubled() Calendar {
	at := func(d, hour int) time.Duration { return time.Duration(d-1)*day + time.Duration(hour)*time.Hour }
	calendar := Calendar{
		{At: at(3, 11), What: "failover,downtime=2s", Text: "failover: every connection dropped, new ones refused for 2 s"},
		{At: at(9, 11), What: "status,code=503,for=10m", Text: "REST answers 503 for 10 minutes"},
		{At: at(12, 11), What: "latency,delay=200ms,for=1h", Text: "200 ms more latency for an hour"},
		{At: at(15, 11), What: "script-flush", Text: "scripts forgotten"},
		{At: at(18, 11), What: ProviderOutage, For: 2 * time.Hour, Text: "all providers down for 2 hours"},
		{At: at(27, 11), What: "quota-spent,for=1h", Text: "the quota counts as spent for an hour"},
	}
	for d := 5; d < 30; d += 5 {
		calendar = append(calendar, Trouble{At: at(d, 15), What: Deploy, Text: "deploy: rolling restart of the service"})
	}
	return calendar
}

// Validate says what is wrong with the first trouble that cannot be carried out.
func (c Calendar) Validate() error {
	for _, t := range c {
		if t.What == Deploy || t.What == ProviderOutage {
			continue
		}
		if _, err := faults.ParseSpec(t.What); err != nil {
			return fmt.Errorf("trouble on day %d: %w", dayOf(t.At), err)
		}
	}
	return nil
}

// sorted is the calendar in order of time.
func (c Calendar) sorted() Calendar {
	return slices.SortedStableFunc(slices.Values(c), func(a, b Trouble) int { return cmp.Compare(a.At, b.At) })
}

// dayOf is the day of the month in which a moment lies, from 1.
func dayOf(at time.Duration) int { return int(at/day) + 1 }

// befall brings a trouble about. It returns when that is done; a trouble that lasts is taken back by itself.
func (t Trouble) befall(ctx context.Context, w *scenarios.World) error {
	switch t.What {
	case Deploy:
		return w.Restart(ctx)
	case ProviderOutage:
		before := w.ProviderPlan()
		w.Providers.SetPlan(providers.Plan{ServerError: 1})
		time.AfterFunc(t.For, func() { w.Providers.SetPlan(before) })
		return nil
	default:
		fault, err := faults.ParseSpec(t.What)
		if err == nil {
			_, err = w.Upstash.Faults().Add(fault)
		}
		return err
	}
}
