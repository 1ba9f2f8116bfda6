package scenarios

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/loadgen"
	"tollgate/system/queue"
)

// TestCriteria pins the limits: whoever softens one must change this table.
func TestCriteria(t *testing.T) {
	t.Parallel()
	common := map[string]string{
		"baseline.connections.peak": "38 to 46", "connection.errors": "exactly 0", "connections.refused": "exactly 0",
		"connections.reopened": "exactly 0", "load.errors": "exactly 0",
		"api.p95.ratio": "<= 1.1×", "api.errors": "exactly 0", "jobs.accepted": ">= 1,000", "jobs.success_rate": "> 95 %",
		"jobs.unfinished": "exactly 0", "load.dropped": "exactly 0", "commands.unsupported": "exactly 0", "faults.injected": "> 0",
	}
	own := map[string]map[string]string{
		"phase1": {
			"stage.connections.peak": "33 to 36", "run.commands.reduction": ">= 30 %",
			"jobs.success_rate{tier=non-critical}": "> 95 %", "jobs.success_rate{tier=medium}": "> 95 %", "jobs.success_rate{tier=critical}": "> 95 %",
		},
		"phase2": {
			"stage.connections.peak": "1 to 3", "run.commands.reduction": ">= 60 %", "commands.month": "< 200,000",
			"queues.completed": "exactly 11", "queues.retried": "exactly 11", "queues.gave_up": "exactly 11",
			"queues.events_completed": "exactly 11", "queues.events_failed": "exactly 11", "queues.events_progress": "exactly 11",
		},
	}
	for _, spec := range queue.Specs() {
		own["phase2"]["jobs.success_rate{queue="+string(spec.Name)+"}"] = "> 95 %"
	}
	require.ElementsMatch(t, Names(), slices.Collect(maps.Keys(own)), "each scenario is pinned")
	for scenario, want := range own {
		t.Run(scenario, func(t *testing.T) {
			t.Parallel()
			set, err := Criteria(scenario)
			require.NoError(t, err)
			require.Equal(t, scenario, set.Scenario)
			maps.Copy(want, common)
			for _, transport := range []string{"tcp", "rest"} {
				want["connection.errors{transport="+transport+"}"] = "exactly 0"
			}
			for _, route := range loadgen.Routes() {
				want["api.p95.ratio{route="+route+"}"] = "<= 1.1×"
			}
			got := map[string]string{}
			for _, c := range set.Criteria {
				got[c.MeasuredAs()] = c.LimitText()
				require.True(t, strings.HasPrefix(c.ID, scenario+"-"), "id %s", c.ID)
			}
			require.Equal(t, want, got)
			require.Len(t, set.Criteria, len(want))
		})
	}
}

func TestCriteriaOfAnUnknownScenario(t *testing.T) {
	t.Parallel()
	_, err := Criteria("phase9")
	require.ErrorIs(t, err, ErrUnknownScenario)
	require.ErrorContains(t, err, "phase1, phase2")
}
