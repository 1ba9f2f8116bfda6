package profiles_test

import (
	"errors"
	"fmt"

	"tollgate/loadgen/profiles"
)

func ExampleLoad() {
	queues := []string{
		"adaptive-sync", "batch-notifications", "calendar-sync", "google-contacts-sync", "notification-reminder",
		"suggestion-generation", "suggestion-regeneration", "token-health-reminder", "token-refresh",
		"webhook-health-check", "webhook-renewal",
	}
	phase, err := profiles.Load("phase", queues)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%d jobs, %d API requests, 1/%v of %s\n", phase.JobCount(), phase.APIRequests, phase.Scale.Divisor, phase.Scale.Of)
	// Output: 1000 jobs, 4000 API requests, 1/6 of reference-month
}

func ExampleParse() {
	_, err := profiles.Parse("mine.yaml", []byte("name: mine\njobs: {mail: -4, fax: 1}\nseeds: 1"), []string{"mail"})
	var all *profiles.Error
	if errors.As(err, &all) {
		for _, p := range all.Problems[len(all.Problems)-3:] {
			fmt.Println(p)
		}
	}
	// Output:
	// mine.yaml:2: jobs.mail: -4 is negative; use 0 or more
	// mine.yaml:2: jobs.fax: unknown queue; known are mail
	// mine.yaml:3: seeds: unknown field; known are name, description, seed, duration, jobs, api_requests, sms_checks, cache, keys, users, api_clients, pacing, rhythm, schedules, value_bytes, scale
}
