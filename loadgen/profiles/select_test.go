package profiles_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/loadgen"
	"tollgate/loadgen/profiles"
)

func TestJobsOnly(t *testing.T) {
	p, err := profiles.JobsOnly(7, time.Minute, []string{"token-refresh", "calendar-sync", "token-refresh"}, loadgen.Queues())
	require.NoError(t, err)
	require.Equal(t, 7, p.JobCount())
	require.Equal(t, 7, p.ArrivalCount())
	require.Equal(t, 4, p.Jobs["calendar-sync"])
	require.Equal(t, 3, p.Jobs["token-refresh"])
	require.Len(t, p.Jobs, 11)
	schedule, err := loadgen.NewSchedule(p)
	require.NoError(t, err)
	require.Len(t, schedule.Arrivals, 7)
	require.Equal(t, time.Minute/7, schedule.Arrivals[1].At)

	p, err = profiles.JobsOnly(13, time.Second, nil, loadgen.Queues())
	require.NoError(t, err)
	require.Equal(t, 13, p.JobCount())
	for _, queue := range loadgen.Queues() {
		require.Positive(t, p.Jobs[queue])
	}
	for _, tc := range []struct {
		jobs   int
		within time.Duration
		queue  string
		want   string
	}{
		{0, time.Second, "calendar-sync", "0 jobs are out of range"},
		{1_000_001, time.Second, "calendar-sync", "1000001 jobs are out of range"},
		{1, 0, "calendar-sync", "duration 0s is out of range"},
		{1, time.Second, "fax", `unknown queue "fax"; known are adaptive-sync, `},
	} {
		_, err := profiles.JobsOnly(tc.jobs, tc.within, []string{tc.queue}, loadgen.Queues())
		require.ErrorContains(t, err, tc.want)
	}
}

func TestProfilesWithoutAPart(t *testing.T) {
	p, err := profiles.Load("reference-month", loadgen.Queues())
	require.NoError(t, err)
	jobs, requests, cache := p.JobCount(), p.APIRequests, p.DirectCache().Sum()
	require.Equal(t, requests+cache, p.WithoutJobs().ArrivalCount())
	require.Empty(t, p.WithoutJobs().Schedules)
	require.Len(t, p.WithoutJobs().Jobs, 11, "a queue without jobs is still a queue")
	require.Equal(t, jobs+cache, p.WithoutRequests().ArrivalCount())
	require.Equal(t, jobs+requests, p.WithoutCache().ArrivalCount())
	require.Equal(t, jobs, p.JobCount(), "the profile itself is as it was")
}
