package reports_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/reports"
	"tollgate/reports/exitcode"
)

func TestDecision(t *testing.T) {
	verdicts := func(all ...reports.Verdict) []reports.Judgement {
		var out []reports.Judgement
		for _, v := range all {
			out = append(out, reports.Judgement{Verdict: v})
		}
		return out
	}
	tests := map[string]struct {
		judgements []reports.Judgement
		partial    bool
		want       reports.Decision
		code       int
		summary    string
	}{
		"all passed":        {verdicts(reports.Pass, reports.Pass), false, reports.DecisionPass, exitcode.Passed, "all 2 criteria passed"},
		"one":               {verdicts(reports.Pass), false, reports.DecisionPass, exitcode.Passed, "the one criterion passed"},
		"passed or skipped": {verdicts(reports.Pass, reports.Skipped), false, reports.DecisionPass, exitcode.Passed, "1 of 2 criteria passed, 1 skipped"},
		"one failed":        {verdicts(reports.Pass, reports.Fail, reports.NoData), false, reports.DecisionFail, exitcode.Failed, "1 of 3 criteria failed, 1 has no data"},
		"no data":           {verdicts(reports.Pass, reports.NoData, reports.NoData), false, reports.DecisionNoData, exitcode.Failed, "1 of 3 criteria passed, 2 have no data"},
		"all skipped":       {verdicts(reports.Skipped), false, reports.DecisionNoData, exitcode.Failed, "0 of 1 criterion passed, 1 skipped"},
		"nothing judged":    {nil, false, reports.DecisionNoData, exitcode.Failed, "no criterion was judged"},
		"stopped":           {verdicts(reports.Pass), true, reports.DecisionInterrupted, exitcode.Interrupted, "stopped before its end; the one criterion passed"},
		"stopped, nothing":  {nil, true, reports.DecisionInterrupted, exitcode.Interrupted, "stopped before its end; no criterion was judged"},
		"stopped, failing":  {verdicts(reports.Fail), true, reports.DecisionInterrupted, exitcode.Interrupted, "stopped before its end; the one criterion failed"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, tt.want, reports.Decide(tt.judgements, tt.partial))
			r := reports.Result{Judgements: tt.judgements, Partial: tt.partial, Decision: reports.DecisionPass}
			require.Equal(t, tt.code, r.ExitCode(), "whatever the result claims")
			require.Equal(t, tt.summary, r.Summary())
		})
	}
}
