package loadgen_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"time"

	"tollgate/loadgen"
	"tollgate/loadgen/profiles"
)

// Lay a profile out in time and send it.
func ExampleRunner() {
	profile, err := profiles.Load("phase", loadgen.Queues())
	if err != nil {
		fmt.Println(err)
		return
	}
	profile, err = profile.WithJobs(11) // a taste of it: one job per queue
	if err != nil {
		fmt.Println(err)
		return
	}
	profile, err = profile.Over(50 * time.Millisecond)
	if err != nil {
		fmt.Println(err)
		return
	}
	schedule, err := loadgen.NewSchedule(profile.WithoutCache())
	if err != nil {
		fmt.Println(err)
		return
	}
	tracker := loadgen.NewTracker()
	runner, err := loadgen.NewRunner(loadgen.Config{Schedule: schedule, Target: &instant{tracker: tracker}, Tracker: tracker})
	if err != nil {
		fmt.Println(err)
		return
	}
	summary, err := runner.Run(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	rate, _ := summary.Jobs.Total.SuccessRate()
	fmt.Printf("%d arrivals, %d errors, %d jobs, success rate %.0f %%\n",
		summary.Sent, summary.Errors, summary.Jobs.Total.Accepted, 100*rate)
	// Output: 55 arrivals, 0 errors, 11 jobs, success rate 100 %
}

// instant is a service that does everything at once.
type instant struct{ tracker *loadgen.Tracker }

func (i *instant) Enqueue(_ context.Context, queue string, payload []byte) (string, error) {
	id := queue + string(payload)
	i.tracker.Succeeded(id) // before the runner hears that it was accepted
	return id, nil
}
func (*instant) Request(context.Context, loadgen.Request) (int, error) { return 200, nil }
func (*instant) CacheRead(context.Context, string) (bool, error)       { return true, nil }
func (*instant) CacheWrite(context.Context, string, []byte) error      { return nil }
func (*instant) CacheDelete(context.Context, string) error             { return nil }

func ExampleSummary_WriteTable() {
	latency := loadgen.Latency{
		Count: 4, P50: 900 * time.Microsecond, P95: 4200 * time.Microsecond, P99: 12 * time.Millisecond, Max: 1100 * time.Millisecond,
	}
	counts := loadgen.Counts{Planned: 5, Sent: 4, OK: 2, Limited: 1, Errors: 1, Dropped: 1}
	summary := loadgen.Summary{
		Profile: "phase", Seed: 1000, Elapsed: 20 * time.Second, Counts: counts,
		ErrorCounts: []loadgen.ErrorCount{{Class: loadgen.ClassServer, Count: 1, Example: "GET /v1/users/u-1/calendar: status 502 Bad Gateway"}},
		Kinds:       []loadgen.Group{{Kind: loadgen.KindRequest, Counts: counts, FromIntended: latency}},
		Labels:      []loadgen.Group{{Kind: loadgen.KindRequest, Label: "calendar", Counts: counts, FromIntended: latency}},
		Jobs:        &loadgen.Outcomes{Total: loadgen.QueueOutcome{Accepted: 200, Succeeded: 199, Archived: 1, Retried: 7}},
	}
	var out bytes.Buffer
	if err := summary.WriteTable(&out); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(strings.ReplaceAll(out.String(), "dropped 1:", "dropped 1:\n "))
	// Output:
	// profile phase, seed 1000, 20.00s
	//
	// kind          queue or route            planned     sent       ok  limited   errors  dropped       p50       p95       p99       max
	// request                                       5        4        2        1        1        1     900µs     4.2ms    12.0ms     1.10s
	//               calendar                        5        4        2        1        1        1     900µs     4.2ms    12.0ms     1.10s
	//
	// errors http_5xx: 1, for example: GET /v1/users/u-1/calendar: status 502 Bad Gateway
	// dropped 1:
	//   as many arrivals as allowed were under way; the service is too slow for this load, or the limit is too low
	// jobs accepted 200, succeeded 199, retried 7, archived 1, outstanding 0; success rate 99.50 %
}
