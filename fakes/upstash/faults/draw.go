package faults

import (
	"hash/fnv"
	"math/rand/v2"
)

// uniform is a number in [0, 1) that depends on nothing but its arguments.
func uniform(seed uint64, purpose string, n uint64) float64 {
	return randomFrom(seed, purpose, n).Float64()
}

// randomFrom is a source of random numbers that depends on nothing but its arguments.
func randomFrom(seed uint64, purpose string, n uint64) *rand.Rand {
	h := fnv.New64a()
	_, _ = h.Write([]byte(purpose)) // never fails
	return rand.New(rand.NewPCG(seed^h.Sum64(), n))
}
