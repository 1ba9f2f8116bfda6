package compare

import (
	"math"
	"sort"
)

// confidence is the level of every interval.
const confidence = 0.95

// normalQuantile is the standard normal quantile of a two-sided interval at [confidence].
const normalQuantile = 1.959963984540054

// regularizedBeta is I_x(a, b), the distribution function of the beta distribution,
// from its continued fraction (NIST Digital Library of Mathematical Functions, 8.17.22).
func regularizedBeta(a, b, x float64) float64 {
	switch {
	case x <= 0:
		return 0
	case x >= 1:
		return 1
	case x > (a+1)/(a+b+2): // where the fraction converges quickly only for the complement
		return 1 - regularizedBeta(b, a, 1-x)
	}
	lab, _ := math.Lgamma(a + b)
	la, _ := math.Lgamma(a)
	lb, _ := math.Lgamma(b)
	front := math.Exp(lab-la-lb+a*math.Log(x)+b*math.Log1p(-x)) / a
	return front * betaFraction(a, b, x)
}

// betaFraction evaluates the continued fraction from the front (Lentz's method). It
// takes about the square root of the larger parameter in steps.
func betaFraction(a, b, x float64) float64 {
	const (
		tiny = 1e-300
		eps  = 1e-14
	)
	away := func(v float64) float64 { // from 0
		if math.Abs(v) < tiny {
			return tiny
		}
		return v
	}
	c, d := 1.0, 1/away(1-(a+b)*x/(a+1))
	h := d
	for m := 1.0; m <= 1000+10*math.Sqrt(max(a, b)); m++ {
		even := m * (b - m) * x / ((a + 2*m - 1) * (a + 2*m))
		d, c = 1/away(1+even*d), away(1+even/c)
		h *= d * c
		odd := -(a + m) * (a + b + m) * x / ((a + 2*m) * (a + 2*m + 1))
		d, c = 1/away(1+odd*d), away(1+odd/c)
		h *= d * c
		if math.Abs(d*c-1) < eps {
			break
		}
	}
	return h
}

// studentQuantile returns the t that a Student variable with df degrees of freedom
// stays within, on both sides of 0, with probability [confidence].
func studentQuantile(df float64) float64 {
	low, high := 0.0, 1000.0
	for range 60 {
		t := (low + high) / 2
		if regularizedBeta(df/2, 0.5, df/(df+t*t)) > 1-confidence {
			low = t
		} else {
			high = t
		}
	}
	return high
}

// binomialCDF is P(X <= k) of n draws with probability p each.
func binomialCDF(k, n int64, p float64) float64 {
	switch {
	case k < 0:
		return 0
	case k >= n:
		return 1
	default:
		return regularizedBeta(float64(n-k), float64(k+1), 1-p)
	}
}

// quantileRanks returns the ranks, from 1, of the order statistics of n values that
// have the quantile q between them with at least [confidence]. It is not ok where n
// is too small: with 100 values nothing bounds the 99th percentile from above.
func quantileRanks(n int64, q float64) (low, high int64, ok bool) {
	const tail = (1 - confidence) / 2
	// low is the largest rank with P(X < low) <= tail, high the smallest with P(X >= high) <= tail.
	low = int64(sort.Search(int(n), func(k int) bool { return binomialCDF(int64(k), n, q) > tail }))
	high = int64(sort.Search(int(n), func(k int) bool { return binomialCDF(int64(k), n, q) >= 1-tail })) + 1
	return low, high, low >= 1 && high <= n
}

// wilson returns the interval of a share of which successes of n samples were seen.
func wilson(successes, n float64) estimate {
	const z2 = normalQuantile * normalQuantile
	p := successes / n
	middle := (p + z2/(2*n)) / (1 + z2/n)
	reach := normalQuantile / (1 + z2/n) * math.Sqrt(p*(1-p)/n+z2/(4*n*n))
	return estimate{value: p, low: max(0, middle-reach), high: min(1, middle+reach)}
}
