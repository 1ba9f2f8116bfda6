package benchthrift

import (
	"context"
	"fmt"
	"time"
)

// The parts that run in a child.
const (
	partRest   = "rest"
	partSingle = "one-at-a-time"
	partIdle   = "cpu"
)

// Request says what a child measures.
type Request struct {
	Part    string  `json:"part"`
	Variant Variant `json:"variant"`
	// Window is how long to rest: with part rest, in virtual time, and PlainWindow is for asynq without a governor in
	// effect; with part cpu in real time.
	Window      time.Duration `json:"window"`
	PlainWindow time.Duration `json:"plain_window"`
	// Jobs is how many to do one at a time, and Other has another process add them.
	Jobs  int  `json:"jobs"`
	Other bool `json:"other"`
	// Address is the redis-server of part cpu.
	Address string `json:"address"`
}

// virtual says whether the part runs in a bubble.
func (r Request) virtual() bool { return r.Part != partIdle }

// String says what is measured.
func (r Request) String() string {
	if r.Other {
		return fmt.Sprintf("%s, added by another process: %s", r.Part, r.Variant)
	}
	return fmt.Sprintf("%s: %s", r.Part, r.Variant)
}

// Result is what a child measured.
type Result struct {
	// Start, Rest and Stop are billed commands of part rest. Rest is those of Window, which is Factor times in a month.
	Start, Rest, Stop int64
	Window            time.Duration
	Factor            float64
	// PerJob is billed commands for each job of part one-at-a-time, Raw the same with what plain asynq sent meanwhile for
	// nothing.
	PerJob, Raw float64
	// Jobs is how many there were.
	Jobs int
	// CPU is the share of a core that an idle process used, in percent.
	CPU float64
}

// measurePart carries out a request.
func measurePart(ctx context.Context, r Request) (Result, error) {
	switch r.Part {
	case partRest:
		return measureRest(ctx, r)
	case partSingle:
		return measureSinglePart(ctx, r)
	case partIdle:
		return measureIdle(ctx, r)
	default:
		return Result{}, fmt.Errorf("no part is called %q", r.Part)
	}
}
