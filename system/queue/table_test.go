package queue_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/system/queue"
)

func TestTable(t *testing.T) {
	tiers := map[queue.Tier][]queue.Name{}
	weights := map[queue.Tier]int{}
	for _, spec := range queue.Specs() {
		tiers[spec.Tier] = append(tiers[spec.Tier], spec.Name)
		if weight, ok := weights[spec.Tier]; ok {
			require.Equal(t, weight, spec.Priority, "one weight a tier")
		}
		weights[spec.Tier] = spec.Priority
		require.Positive(t, spec.Priority)
		require.Positive(t, spec.MaxRetry)
		require.Positive(t, spec.Concurrency)
		require.Positive(t, spec.Timeout)
		require.Zero(t, spec.Timeout%time.Second, "asynq keeps whole seconds")
		require.Zero(t, spec.Retention)
		unique := spec.Name == queue.TokenRefresh || spec.Name == queue.WebhookRenewal
		require.Equal(t, unique, spec.UniqueFor > 0)
		got, err := queue.Lookup(string(spec.Name))
		require.NoError(t, err)
		require.Equal(t, spec, got)
	}
	require.Equal(t, map[queue.Tier][]queue.Name{
		queue.NonCritical: {queue.WebhookHealthCheck, queue.NotificationReminder, queue.TokenHealthReminder},
		queue.Medium: {
			queue.AdaptiveSync, queue.WebhookRenewal, queue.SuggestionRegeneration, queue.BatchNotifications,
			queue.SuggestionGeneration,
		},
		queue.Critical: {queue.TokenRefresh, queue.CalendarSync, queue.GoogleContactsSync},
	}, tiers)
	require.Less(t, weights[queue.NonCritical], weights[queue.Medium])
	require.Less(t, weights[queue.Medium], weights[queue.Critical])
}

func TestSpecsIsACopy(t *testing.T) {
	queue.Specs()[0].MaxRetry = -1
	require.Positive(t, queue.Specs()[0].MaxRetry)
}

func TestLookupUnknown(t *testing.T) {
	_, err := queue.Lookup("calender-sync")
	require.ErrorIs(t, err, queue.ErrUnknownQueue)
	require.ErrorContains(t, err, `unknown queue "calender-sync": use one of webhook-health-check, `)
	require.ErrorContains(t, err, "google-contacts-sync")
}

func TestConfigValidate(t *testing.T) {
	_, err := queue.NewFactory(queue.Config{
		Topology: "star", Concurrency: -1, TaskCheckInterval: -1, DelayedTaskCheckInterval: -2, ShutdownTimeout: -3,
		RetryBase: -4, RetryCap: -5,
	})
	for _, part := range []string{
		`topology "star" is unknown: use "per-queue" or "shared"`, "connect is nil", "concurrency -1", "task check interval -1ns",
		"delayed task check interval -2ns", "shutdown timeout -3ns", "retry base -4ns", "retry cap -5ns",
	} {
		require.ErrorContains(t, err, part)
	}
}
