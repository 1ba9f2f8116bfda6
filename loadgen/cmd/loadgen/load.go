package main

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"time"

	"tollgate/loadgen"
	"tollgate/loadgen/profiles"
)

// defaultProfile is sent where no other load is asked for.
const defaultProfile = "phase"

// profile is the load that the flags ask for: a profile, or jobs alone.
func (c runCommand) profile() (profiles.Profile, error) {
	load := c.scaled
	if len(c.Queue) > 0 || c.Rate != "" {
		load = c.jobsOnly
	}
	p, err := load()
	if err == nil && c.Seed != nil {
		p.Seed = *c.Seed
	}
	return p, err
}

// scaled loads a profile and applies the flags that change it.
func (c runCommand) scaled() (profiles.Profile, error) {
	name := c.Profile
	if name == "" {
		name = defaultProfile
	}
	p, err := profiles.Load(name, loadgen.Queues())
	if err != nil {
		return p, err
	}
	switch {
	case c.RateScale != nil:
		p, err = p.Times(*c.RateScale)
	case c.Jobs != nil:
		p, err = p.WithJobs(*c.Jobs)
	}
	if err == nil && c.Duration != nil {
		p, err = p.Over(*c.Duration)
	}
	return p, err
}

// jobsOnly makes a load of jobs alone.
func (c runCommand) jobsOnly() (profiles.Profile, error) {
	switch {
	case c.Profile != "":
		return profiles.Profile{}, errors.New("--queue and --rate make a load of jobs alone, --profile names another one; leave one of them out")
	case c.RateScale != nil:
		return profiles.Profile{}, errors.New("--rate-scale changes a profile; with --queue or --rate, give --rate, --jobs and --duration")
	}
	jobs, within, err := c.amount()
	if err != nil {
		return profiles.Profile{}, err
	}
	return profiles.JobsOnly(jobs, within, c.Queue, loadgen.Queues())
}

// amount is how many jobs are sent within what time.
func (c runCommand) amount() (jobs int, within time.Duration, err error) {
	var a second
	if c.Rate != "" {
		if a, err = parseRate(c.Rate); err != nil {
			return 0, 0, err
		}
	}
	switch {
	case c.Jobs != nil && c.ASAP:
		return *c.Jobs, time.Second, nil // a time that --asap forgets
	case c.Jobs != nil && c.Rate != "" && c.Duration != nil:
		if want := a.jobs(*c.Duration); want != float64(*c.Jobs) {
			return 0, 0, fmt.Errorf("--rate %s for --duration %s makes %.6g jobs, not --jobs %d; leave one of the three out",
				c.Rate, *c.Duration, want, *c.Jobs)
		}
		return *c.Jobs, *c.Duration, nil
	case c.Jobs != nil && c.Duration != nil:
		return *c.Jobs, *c.Duration, nil
	case c.Jobs != nil && c.Rate != "":
		return *c.Jobs, a.time(*c.Jobs), nil
	case c.Rate != "" && c.Duration != nil:
		n := math.Round(a.jobs(*c.Duration))
		if n < 1 || n > profiles.MaxArrivals {
			return 0, 0, fmt.Errorf("--rate %s for --duration %s makes %.6g jobs; change one of them so that there are 1 to %d",
				c.Rate, *c.Duration, a.jobs(*c.Duration), profiles.MaxArrivals)
		}
		return int(n), *c.Duration, nil
	default:
		return 0, 0, errors.New("how many jobs, and when? Give two of --jobs, --rate and --duration, or --jobs with --asap")
	}
}

// second is how many jobs there are in a second.
type second float64

func (s second) jobs(d time.Duration) float64 {
	return math.Round(float64(s)*d.Seconds()*1e6) / 1e6 // a rate by the hour is no whole number by the second
}

func (s second) time(jobs int) time.Duration {
	d := float64(jobs) / float64(s) * float64(time.Second)
	return time.Duration(min(max(d, 0), float64(math.MaxInt64/2)))
}

var ratePattern = regexp.MustCompile(`^([0-9]{1,7}(?:\.[0-9]{1,6})?)/([smh])$`)

// parseRate reads "50/s", "10/m" or "1.5/h".
func parseRate(text string) (second, error) {
	wrong := fmt.Errorf("--rate %q is no rate; write it like 50/s, 10/m or 100/h", text)
	m := ratePattern.FindStringSubmatch(text)
	if m == nil {
		return 0, wrong
	}
	count, err := strconv.ParseFloat(m[1], 64)
	if err != nil || count == 0 {
		return 0, wrong
	}
	per := map[string]float64{"s": 1, "m": 60, "h": 3600}[m[2]]
	return second(count / per), nil
}
