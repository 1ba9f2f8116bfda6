package profiles_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/loadgen/profiles"
)

// queues are the eleven of the service.
var queues = []string{
	"webhook-health-check", "notification-reminder", "token-health-reminder",
	"adaptive-sync", "webhook-renewal", "suggestion-regeneration", "batch-notifications", "suggestion-generation",
	"token-refresh", "calendar-sync", "google-contacts-sync",
}

func load(t *testing.T, name string) profiles.Profile {
	t.Helper()
	p, err := profiles.Load(name, queues)
	require.NoError(t, err)
	return p
}

func TestReferenceMonthHasTheStatedNumbers(t *testing.T) {
	month := load(t, "reference-month")
	require.Equal(t, 30*24*time.Hour, month.Duration)
	require.Equal(t, map[string]int{
		"webhook-health-check": 720, "notification-reminder": 1200, "token-health-reminder": 30,
		"adaptive-sync": 1000, "webhook-renewal": 120, "suggestion-regeneration": 240,
		"batch-notifications": 300, "suggestion-generation": 600,
		"token-refresh": 720, "calendar-sync": 700, "google-contacts-sync": 370,
	}, month.Jobs)
	require.Equal(t, 6000, month.JobCount())
	require.Equal(t, 24000, month.APIRequests)
	require.Equal(t, 1500, month.SMSChecks)
	require.Equal(t, profiles.Ops{Reads: 60000, Writes: 20000, Deletes: 4000}, month.Cache.Ops)
}

func TestReferenceMonthAddsUpToTheBilledCommands(t *testing.T) {
	month := load(t, "reference-month")
	const perJob, perCheck = 18, 4
	require.Equal(t, 294_000, month.JobCount()*perJob+month.APIRequests*perCheck+month.SMSChecks*perCheck+month.Cache.Sum())
}

func TestEverySMSCheckHasAJobThatMakesIt(t *testing.T) {
	for _, name := range profiles.Names() {
		p := load(t, name)
		require.Equal(t, p.SMSChecks, p.Jobs["notification-reminder"]+p.Jobs["batch-notifications"], name)
	}
}

func TestPhaseIsASixthOfTheReferenceMonth(t *testing.T) {
	month, phase := load(t, "reference-month"), load(t, "phase")
	require.InDelta(t, 6, phase.Scale.Divisor, 0)
	require.Equal(t, month, *phase.Whole())
	require.Equal(t, month, *month.Whole())
	require.Equal(t, 1000, phase.JobCount())
	sixth, err := month.WithJobs(1000)
	require.NoError(t, err)
	require.Equal(t, sixth.Jobs, phase.Jobs)
	require.Equal(t, sixth.APIRequests, phase.APIRequests)
	require.Equal(t, sixth.SMSChecks, phase.SMSChecks)
	require.Equal(t, sixth.Cache.Ops, phase.Cache.Ops)
	require.Equal(t, month.Keys.Count, 6*phase.Keys.Count)
	require.Equal(t, month.Users.Count, 6*phase.Users.Count)
}

func TestPhaseTiming(t *testing.T) {
	phase := load(t, "phase")
	require.LessOrEqual(t, phase.Duration, 30*time.Second, "a run of each stage has to fit into CI's minute")
	require.Equal(t, profiles.Pacing{JobsWithin: 12 * time.Second, Arrivals: profiles.Poisson}, phase.Pacing)
}

func TestNoQueueOfAPhaseMeetsAUserTwice(t *testing.T) {
	phase := load(t, "phase")
	for queue, jobs := range phase.Jobs {
		require.LessOrEqual(t, jobs, phase.Users.Count, queue)
	}
}

func TestDirectCacheIsTheTotalLessTheServicesShare(t *testing.T) {
	p := profiles.Profile{
		Jobs: map[string]int{"a": 2}, APIRequests: 3,
		Cache: profiles.Cache{
			Ops:          profiles.Ops{Reads: 10, Writes: 5, Deletes: 2},
			ServiceShare: profiles.Ops{Reads: 4, Writes: 5, Deletes: 1},
		},
	}
	require.Equal(t, profiles.Ops{Reads: 6, Deletes: 1}, p.DirectCache())
	require.Equal(t, 2+3+7, p.ArrivalCount())
	require.Equal(t, 5, p.WithoutCache().ArrivalCount())
}
