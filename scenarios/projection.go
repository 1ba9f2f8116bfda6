package scenarios

import (
	"errors"
	"fmt"
	"time"
)

// errNoPart is why there is no figure for a month.
var errNoPart = errors.New("the profile does not say what part of the reference month it is (scale), so no month follows from it")

// month is the length of the reference month.
const month = 30 * 24 * time.Hour

// projection is a month's figure computed from two windows of one run.
type projection struct {
	idle    float64 // billed commands a month without any load
	work    float64 // billed commands of the reference month's load
	note    string
	samples int64
}

func (p projection) total() float64 { return p.idle + p.work }

// project computes the billed commands of the reference month: the idle rate for
// the whole month, plus the run's commands beyond the idle rate, scaled from the
// run's load to the month's. A scale of 0 says that the load is no known part of
// the month.
func project(o Observation, scale float64) (projection, error) {
	if scale <= 0 {
		return projection{}, errNoPart
	}
	if o.IdleFor <= 0 || o.LoadFor <= 0 {
		return projection{}, fmt.Errorf("projection of stage %s: no idle window (%s) or no run (%s)", o.Stage, o.IdleFor, o.LoadFor)
	}
	rate := float64(o.Idle.Total.Billed) / o.IdleFor.Seconds()
	work := float64(o.Load.Total.Billed) - rate*o.LoadFor.Seconds()
	return projection{
		idle:    rate * month.Seconds(),
		work:    max(0, work) * scale,
		samples: o.Load.Total.Billed + o.Idle.Total.Billed,
		note: fmt.Sprintf("%d billed in %s without load x %.0f, plus the run's commands beyond that rate x %.3g",
			o.Idle.Total.Billed, o.IdleFor.Round(time.Second), month.Seconds()/o.IdleFor.Seconds(), scale),
	}, nil
}
