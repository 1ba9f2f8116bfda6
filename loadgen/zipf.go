package loadgen

import (
	"math"
	"math/rand/v2"
	"sort"

	"tollgate/loadgen/profiles"
)

// zipf draws members 0..Count-1 of a population, member n with a weight of
// 1/(n+1)^s. Unlike math/rand's it takes every s from 0 (all alike) up, and real
// popularity has an s about 1, which that one excludes.
type zipf struct {
	cumulated []float64 // cumulated weights
	random    *rand.Rand
}

func newZipf(p profiles.Popularity, random *rand.Rand) *zipf {
	z := &zipf{cumulated: make([]float64, p.Count), random: random}
	sum := 0.0
	for i := range z.cumulated {
		sum += math.Pow(float64(i+1), -p.ZipfS)
		z.cumulated[i] = sum
	}
	return z
}

func (z *zipf) draw() int {
	last := len(z.cumulated) - 1
	return min(last, sort.SearchFloat64s(z.cumulated, z.random.Float64()*z.cumulated[last]))
}
