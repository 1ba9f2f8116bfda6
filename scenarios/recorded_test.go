package scenarios

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/fakes/memnet"
	"tollgate/fakes/upstash"
	"tollgate/fakes/upstash/meter"
	"tollgate/loadgen"
	"tollgate/loadgen/profiles"
	"tollgate/loadgen/recorded"
	"tollgate/system/config"
)

// TestProfileOfARecordedRun: what a profile made of the account says is what was sent.
func TestProfileOfARecordedRun(t *testing.T) {
	for _, stage := range []config.Stage{config.StageLegacy, config.StagePhase1, config.StagePhase2} {
		t.Run(string(stage), func(t *testing.T) {
			sent := small(t)
			sent.Duration, sent.Pacing.JobsWithin = 2*time.Minute, 2*time.Minute
			inBubble(t, func(t *testing.T, network *memnet.Mem) {
				p := record(t, stage, sent, network)
				require.InDelta(t, sent.Duration, p.Duration, float64(5*time.Second))
				require.Equal(t, sent.JobCount(), p.JobCount(), "retries are no new jobs")
				for queue, jobs := range sent.Jobs {
					if stage == config.StagePhase2 { // by what each queue cost
						require.InDelta(t, jobs, p.Jobs[queue], 5, queue)
					} else {
						require.Equal(t, jobs, p.Jobs[queue], queue)
					}
				}
				require.Equal(t, sent.APIRequests, p.APIRequests)
				require.InDelta(t, sent.SMSChecks, p.SMSChecks, 3, "a job that is retried makes another one")
				if stage == config.StageLegacy {
					require.InDelta(t, sent.Cache.Reads, p.Cache.Reads, 30)
				} else {
					require.Less(t, p.Cache.Reads, sent.Cache.Reads, "the near cache answers some")
				}
				require.GreaterOrEqual(t, p.Cache.Writes, sent.Cache.Writes, "a cold cache is filled after each miss")
				require.InDelta(t, sent.Cache.Deletes, p.Cache.Deletes, 5)
			})
		})
	}
}

// record sends a profile to a stage and makes another one of the account.
func record(t *testing.T, stage config.Stage, sent profiles.Profile, network memnet.Network) profiles.Profile {
	t.Helper()
	w, err := NewWorld(t.Context(), WorldConfig{Stage: stage, Network: network, RTT: DefaultRTT, Failures: 0.05, Seed: 1, HashTags: true})
	require.NoError(t, err)
	defer w.Close()
	schedule, err := loadgen.NewSchedule(sent)
	require.NoError(t, err)
	var o Observation
	require.NoError(t, o.load(t.Context(), w, plan{schedule: schedule}))
	require.Empty(t, o.Undrained)
	account, err := json.Marshal(meter.Take(w.Upstash.Ledger(), upstash.Plan{}))
	require.NoError(t, err)
	text, err := recorded.Profile(bytes.NewReader(account), recorded.Options{Reference: *sent.Whole()})
	require.NoError(t, err)
	p, err := profiles.Parse("recorded.yaml", text, loadgen.Queues())
	require.NoError(t, err)
	return p
}
