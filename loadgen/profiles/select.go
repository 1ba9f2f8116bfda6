package profiles

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// jobUsers is how many users the jobs of [JobsOnly] are about: as many as the phase profile has.
const jobUsers = 200

// WithoutCache returns the profile without any cache operations, for a target
// whose cache cannot be reached.
func (p Profile) WithoutCache() Profile {
	p.Cache = Cache{}
	return p
}

// WithoutJobs returns the profile without any jobs, for a target that takes none.
func (p Profile) WithoutJobs() Profile {
	jobs := make(map[string]int, len(p.Jobs))
	for queue := range p.Jobs {
		jobs[queue] = 0
	}
	p.Jobs, p.Schedules = jobs, nil
	return p
}

// WithoutRequests returns the profile without API requests, for a target that is no API.
func (p Profile) WithoutRequests() Profile {
	p.APIRequests = 0
	return p
}

// JobsOnly is a profile of jobs alone: as many on each of the queues, the first ones in alphabetical order taking one more
// where they do not come out even, evenly spaced over the time within. Where queues is empty they go to all known ones.
func JobsOnly(jobs int, within time.Duration, queues, knownQueues []string) (Profile, error) {
	if len(queues) == 0 {
		queues = knownQueues
	}
	queues = slices.Clone(queues)
	slices.Sort(queues)
	queues = slices.Compact(queues)
	for _, queue := range queues {
		if !slices.Contains(knownQueues, queue) {
			return Profile{}, fmt.Errorf("unknown queue %q; known are %s", queue, strings.Join(knownQueues, ", "))
		}
	}
	switch {
	case jobs < 1 || jobs > MaxArrivals:
		return Profile{}, fmt.Errorf("%d jobs are out of range; use 1 to %d", jobs, MaxArrivals)
	case within <= 0 || within > MaxDuration:
		return Profile{}, fmt.Errorf("duration %s is out of range; use more than 0s and at most %s", within, MaxDuration)
	}
	p := Profile{
		Name: "jobs", Seed: 1, Duration: within,
		Description: fmt.Sprintf("%d jobs on %s, evenly spaced over %s", jobs, strings.Join(queues, ", "), within),
		Jobs:        make(map[string]int, len(knownQueues)),
		Keys:        Popularity{Count: 1}, Users: Popularity{Count: jobUsers}, APIClients: Popularity{Count: 1},
		Pacing:     Pacing{JobsWithin: within, Arrivals: Constant},
		ValueBytes: 2,
	}
	for _, queue := range knownQueues {
		p.Jobs[queue] = 0
	}
	for i, queue := range queues {
		p.Jobs[queue] = jobs / len(queues)
		if i < jobs%len(queues) {
			p.Jobs[queue]++
		}
	}
	return p, nil
}
