package loadgen

import (
	"fmt"
	"math/bits"
	"math/rand/v2"
	"time"

	"tollgate/loadgen/profiles"
)

// Pacer says when the next hit is due. It is a pure function: the same
// arguments give the same answer, from any number of goroutines.
//
//	hits      0     1         2   3
//	          |-----|---------|---|-------> elapsed
//	          0    Pace(0,1)  Pace(0,2)
type Pacer interface {
	// Pace returns how long to wait, after elapsed since the start, before hit
	// number hits (counted from 0) is sent; 0 when it is due or overdue. stop is
	// true when there is no such hit. Pace(0, n) is the offset of hit n.
	Pace(elapsed time.Duration, hits int) (wait time.Duration, stop bool)
}

// NewPacer returns the pacer that a profile asks for: hits hits within the time
// within, the first at 0 or later and the last before within. every is the time
// between two bursts and used by bursts only; seed by Poisson only.
func NewPacer(how profiles.Arrivals, hits int, within, every time.Duration, seed uint64) (Pacer, error) {
	if hits < 0 || within <= 0 {
		return nil, fmt.Errorf("loadgen: %d hits within %s: hits must be 0 or more, the time longer than 0s", hits, within)
	}
	switch how {
	case profiles.Constant:
		return Constant{Hits: hits, Within: within}, nil
	case profiles.Poisson:
		return NewPoisson(hits, within, seed), nil
	case profiles.Burst:
		if every <= 0 {
			return nil, fmt.Errorf("loadgen: bursts every %s: the time between two bursts must be longer than 0s", every)
		}
		return Bursts{Hits: hits, Within: within, Every: every}, nil
	default:
		return nil, fmt.Errorf("loadgen: unknown arrivals %q", how)
	}
}

// Constant spaces hits evenly: hit n is due at n x Within / Hits.
type Constant struct {
	Hits   int
	Within time.Duration
}

// Pace implements [Pacer].
func (c Constant) Pace(elapsed time.Duration, hits int) (time.Duration, bool) {
	if hits < 0 || hits >= c.Hits {
		return 0, true
	}
	return remaining(fraction(c.Within, hits, c.Hits), elapsed), false
}

// Bursts sends groups of as equal a size as possible at 0, Every, 2 x Every and
// so on, as many as begin before Within.
type Bursts struct {
	Hits   int
	Within time.Duration
	Every  time.Duration
}

// Pace implements [Pacer].
func (b Bursts) Pace(elapsed time.Duration, hits int) (time.Duration, bool) {
	if hits < 0 || hits >= b.Hits {
		return 0, true
	}
	groups := (b.Within + b.Every - 1) / b.Every
	return remaining(b.Every*fraction(groups, hits, b.Hits), elapsed), false
}

// Poisson spaces hits as independent clients do. A Poisson process of which is
// known that it has n events before a time T has them at the n sums
//
//	T x (E1 + ... + Ek) / (E1 + ... + En+1),  k = 1..n
//
// of exponential gaps E; so the number of hits is exact and only their places
// are left to chance. The places are drawn once, in [NewPoisson].
type Poisson struct{ offsets []time.Duration }

// NewPoisson draws the places of hits hits before within from seed. It takes
// 8 bytes per hit.
func NewPoisson(hits int, within time.Duration, seed uint64) Poisson {
	random := rand.New(rand.NewPCG(seed, streamPoisson))
	sums := make([]float64, hits)
	total := 0.0
	for i := range sums {
		total += random.ExpFloat64()
		sums[i] = total
	}
	total += random.ExpFloat64()
	offsets := make([]time.Duration, hits)
	for i, sum := range sums {
		offsets[i] = min(time.Duration(sum/total*float64(within)), within-1)
	}
	return Poisson{offsets: offsets}
}

// Pace implements [Pacer].
func (p Poisson) Pace(elapsed time.Duration, hits int) (time.Duration, bool) {
	if hits < 0 || hits >= len(p.offsets) {
		return 0, true
	}
	return remaining(p.offsets[hits], elapsed), false
}

// fraction is whole x part / parts without overflow, rounded down.
func fraction(whole time.Duration, part, parts int) time.Duration {
	hi, lo := bits.Mul64(uint64(whole), uint64(part))
	quotient, _ := bits.Div64(hi, lo, uint64(parts))
	return time.Duration(quotient)
}

func remaining(offset, elapsed time.Duration) time.Duration { return max(0, offset-elapsed) }
