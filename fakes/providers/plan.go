package providers

import (
	"errors"
	"fmt"
	"hash/fnv"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"time"
)

// Plan says which calls fail. The zero Plan fails none.
type Plan struct {
	// RateLimited, ServerError, Timeout and Slow are the shares of an endpoint's calls, 0 to 1 and at most 1 together, that get a 429 with
	// Retry-After, a 500, no answer, or a late one.
	RateLimited, ServerError, Timeout, Slow float64
	// ExpiredSync is the share, 0 to 1, of the synchronizations with a sync token whose token is said to have expired.
	ExpiredSync float64
	// Revoked is the share of users, 0 to 1, whose consent is gone for good.
	Revoked float64
	// RetryAfter is what a 429 asks for, in whole seconds, rounded up. Default DefaultRetryAfter.
	RetryAfter time.Duration
	// SlowBy is how much later a slow call is answered. Default DefaultSlowBy.
	SlowBy time.Duration
	// Hang is how long a Timeout call waits before its connection is closed. Default DefaultHang.
	Hang time.Duration
	// Subjects take single subjects out of the shares above and give them a fixed fate.
	Subjects map[string]Subject
}

// Subject is the fate of one subject's calls, counted for each endpoint on its own.
type Subject struct {
	// FailFirst is how many of its calls, the first ones, are answered with Status.
	FailFirst int
	// Status is an HTTP status from 400 to 599. 429 comes with Retry-After. OAuth answers 404 as 400, and both with invalid_grant.
	Status int
	// Always fails all calls. With Status 400 or 404 the subject is hopeless.
	Always bool
}

func (p Plan) withDefaults() Plan {
	if p.RetryAfter == 0 {
		p.RetryAfter = DefaultRetryAfter
	}
	if p.SlowBy == 0 {
		p.SlowBy = DefaultSlowBy
	}
	if p.Hang == 0 {
		p.Hang = DefaultHang
	}
	return p
}

// Validate reports every share, duration and subject that is out of its range.
func (p Plan) Validate() error {
	var problems []error
	for _, share := range []struct {
		name  string
		value float64
	}{
		{"RateLimited", p.RateLimited},
		{"ServerError", p.ServerError},
		{"Timeout", p.Timeout},
		{"Slow", p.Slow},
		{"RateLimited+ServerError+Timeout+Slow", p.RateLimited + p.ServerError + p.Timeout + p.Slow},
		{"ExpiredSync", p.ExpiredSync},
		{"Revoked", p.Revoked},
	} {
		if math.IsNaN(share.value) || share.value < 0 || share.value > 1 {
			problems = append(problems, fmt.Errorf("fake providers: plan: share %s is %v: set 0 to 1", share.name, share.value))
		}
	}
	for _, wait := range []struct {
		name  string
		value time.Duration
	}{{"RetryAfter", p.RetryAfter}, {"SlowBy", p.SlowBy}, {"Hang", p.Hang}} {
		if wait.value < 0 {
			problems = append(problems, fmt.Errorf("fake providers: plan: %s is %v: set a positive duration, or 0 for the default", wait.name, wait.value))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(p.Subjects)) {
		problems = append(problems, p.Subjects[name].validate(name))
	}
	return errors.Join(problems...)
}

func (s Subject) validate(name string) error {
	if s.FailFirst < 0 {
		return fmt.Errorf("fake providers: plan: subject %q: FailFirst is %d: set 0 or more", name, s.FailFirst)
	}
	if (s.Always || s.FailFirst > 0) && (s.Status < 400 || s.Status > 599) {
		return fmt.Errorf("fake providers: plan: subject %q: Status is %d: set 400 to 599", name, s.Status)
	}
	return nil
}

// fate is what happens to one call.
type fate int

const (
	fateFine fate = iota
	fateRateLimited
	fateServerError
	fateTimeout
	fateSlow
)

// draw returns the fate of an endpoint's n-th call.
func (p Plan) draw(seed uint64, endpoint string, n uint64) fate {
	u := uniform(seed, "fate "+endpoint, n)
	for _, share := range []struct {
		of   float64
		fate fate
	}{
		{p.RateLimited, fateRateLimited},
		{p.ServerError, fateServerError},
		{p.Timeout, fateTimeout},
		{p.Slow, fateSlow},
	} {
		if u < share.of {
			return share.fate
		}
		u -= share.of
	}
	return fateFine
}

// uniform is a number in [0, 1) that depends on nothing but its arguments.
func uniform(seed uint64, purpose string, n uint64) float64 {
	return rand.New(rand.NewPCG(seed^hash(purpose), n)).Float64()
}

func hash(text string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(text)) // never fails
	return h.Sum64()
}
