package loadgen

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"time"

	"tollgate/loadgen/profiles"
)

// Kind is what an arrival does.
type Kind string

// The kinds of arrivals.
const (
	KindJob         Kind = "job"
	KindRequest     Kind = "request"
	KindCacheRead   Kind = "cache_read"
	KindCacheWrite  Kind = "cache_write"
	KindCacheDelete Kind = "cache_delete"
)

// Kinds lists all kinds in the order in which they are reported.
func Kinds() []Kind {
	return []Kind{KindJob, KindRequest, KindCacheRead, KindCacheWrite, KindCacheDelete}
}

// Routes lists the API routes that are mixed in equal parts; each stands for
// GET /v1/users/{user}/{route}.
func Routes() []string { return []string{"suggestions", "calendar", "contacts"} }

// Arrival is one thing to send. Which fields are set depends on Kind.
type Arrival struct {
	At     time.Duration // intended start, from the start of the run
	Kind   Kind
	Queue  string // jobs
	User   string // jobs and requests
	Route  string // requests
	Client string // requests
	Key    string // cache operations
}

// Label is the queue of a job, the route of a request, empty for the rest.
func (a Arrival) Label() string {
	if a.Kind == KindJob {
		return a.Queue
	}
	return a.Route
}

// Schedule is a whole run laid out in time. It is read only.
type Schedule struct {
	Profile  string
	Seed     uint64
	Duration time.Duration
	// Arrivals are in the order of their time.
	Arrivals []Arrival
	// Value is the JSON text that every cache write stores.
	Value []byte
}

// Between is the part of the schedule from one offset to another, the latter left out,
// with times from the former on.
func (s *Schedule) Between(from, to time.Duration) *Schedule {
	at := func(a Arrival, offset time.Duration) int { return cmp.Compare(a.At, offset) }
	first, _ := slices.BinarySearchFunc(s.Arrivals, from, at)
	end, _ := slices.BinarySearchFunc(s.Arrivals, to, at)
	part := *s
	part.Duration, part.Arrivals = to-from, slices.Clone(s.Arrivals[first:max(first, end)])
	for i := range part.Arrivals {
		part.Arrivals[i].At -= from
	}
	return &part
}

// Streams of random numbers: each aspect of a schedule has its own, so that a
// change in one leaves the others as they were.
const (
	streamPoisson uint64 = iota + 1
	streamJobs
	streamTraffic
	streamKeys
	streamUsers
	streamClients
	streamRoutes
	streamValue
	streamDeletes
)

// NewSchedule lays out the profile. Jobs arrive within Pacing.JobsWithin, the
// rest over the whole Duration; within each of the two the kinds are mixed at
// random. A rhythm moves arrivals in time and changes nothing else of them. Jobs
// that the profile's schedules add are left out: the service adds them.
//
// A queue walks through the users one after another, from a place of its
// own, so that none of its jobs meets the user of another one until all users
// had their turn. Reads and writes favour popular keys; deletes strike all keys
// alike, since what makes an entry stale is a change of the data, and data that is
// read often does not change more often. The error names a queue for which no payload is known.
func NewSchedule(p profiles.Profile) (*Schedule, error) {
	jobs, err := jobArrivals(p)
	if err != nil {
		return nil, err
	}
	traffic, err := trafficArrivals(p)
	if err != nil {
		return nil, err
	}
	all := slices.Concat(jobs, traffic)
	slices.SortStableFunc(all, func(a, b Arrival) int { return cmp.Compare(a.At, b.At) })
	return &Schedule{
		Profile: p.Name, Seed: p.Seed, Duration: p.Duration,
		Arrivals: all, Value: value(p.ValueBytes, p.Seed),
	}, nil
}

// jobArrivals lays out the jobs of all queues.
func jobArrivals(p profiles.Profile) ([]Arrival, error) {
	users := members("u-", p.Users.Count)
	all := make([]Arrival, 0, p.JobCount())
	queues := p.Queues()
	next := make(map[string]int, len(queues)) // place of the queue in the walk
	for i, queue := range queues {
		if !slices.Contains(Queues(), queue) {
			return nil, fmt.Errorf("%w %q", ErrUnknownQueue, queue)
		}
		next[queue] = i * len(users) / len(queues)
		for range p.Jobs[queue] - p.Scheduled(queue) {
			all = append(all, Arrival{Kind: KindJob, Queue: queue})
		}
	}
	if err := spread(all, p, p.Pacing.JobsWithin, streamJobs); err != nil {
		return nil, err
	}
	for i := range all {
		a := &all[i]
		a.User = users[next[a.Queue]%len(users)]
		next[a.Queue]++
	}
	return all, nil
}

// trafficArrivals lays out API requests and direct cache operations.
func trafficArrivals(p profiles.Profile) ([]Arrival, error) {
	direct := p.DirectCache()
	var all []Arrival
	for _, part := range []struct {
		kind  Kind
		count int
	}{
		{KindRequest, p.APIRequests},
		{KindCacheRead, direct.Reads},
		{KindCacheWrite, direct.Writes},
		{KindCacheDelete, direct.Deletes},
	} {
		all = append(all, slices.Repeat([]Arrival{{Kind: part.kind}}, part.count)...)
	}
	if err := spread(all, p, p.Duration, streamTraffic); err != nil {
		return nil, err
	}
	users, clients, keys := members("u-", p.Users.Count), members("client-", p.APIClients.Count), members("k-", p.Keys.Count)
	user := newZipf(p.Users, source(p.Seed, streamUsers))
	client := newZipf(p.APIClients, source(p.Seed, streamClients))
	key := newZipf(p.Keys, source(p.Seed, streamKeys))
	changed := newZipf(profiles.Popularity{Count: p.Keys.Count}, source(p.Seed, streamDeletes))
	route, routes := source(p.Seed, streamRoutes), Routes()
	for i := range all {
		a := &all[i]
		switch a.Kind {
		case KindRequest:
			a.User, a.Client, a.Route = users[user.draw()], clients[client.draw()], routes[route.IntN(len(routes))]
		case KindCacheDelete:
			a.Key = keys[changed.draw()]
		default:
			a.Key = keys[key.draw()]
		}
	}
	return all, nil
}

// spread shuffles arrivals and gives each its time. What is spread evenly, as the places of a Poisson process of which
// the number of events is known, becomes by the clock of a rhythm such a process of that intensity.
func spread(all []Arrival, p profiles.Profile, within time.Duration, stream uint64) error {
	random := source(p.Seed, stream)
	random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	pacer, err := NewPacer(p.Pacing.Arrivals, len(all), within, p.Pacing.BurstEvery, random.Uint64())
	if err != nil {
		return err
	}
	for i := range all {
		all[i].At, _ = pacer.Pace(0, i)
	}
	if p.Rhythm == nil {
		return nil
	}
	clock, err := p.Rhythm.Clock(within)
	if err != nil {
		return fmt.Errorf("loadgen: rhythm of profile %s: %w", p.Name, err)
	}
	for i := range all {
		all[i].At = clock(all[i].At)
	}
	return nil
}

func source(seed, stream uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, stream)) }

// members names a population: prefix0, prefix1, ...
func members(prefix string, count int) []string {
	all := make([]string, count)
	for i := range all {
		all[i] = prefix + strconv.Itoa(i)
	}
	return all
}

// value is a JSON string of size bytes, its quotes included.
func value(size int, seed uint64) []byte {
	random := source(seed, streamValue)
	text := make([]byte, size)
	for i := range text {
		text[i] = 'a' + byte(random.IntN(26))
	}
	text[0], text[size-1] = '"', '"'
	return text
}
