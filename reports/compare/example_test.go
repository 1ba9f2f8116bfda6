package compare_test

import (
	"fmt"
	"os"

	"tollgate/reports"
	"tollgate/reports/compare"
)

func ExampleCompare() {
	set := reports.Set{Scenario: "phase2", Criteria: []reports.Criterion{
		{ID: "commands", Metric: "commands", Operator: reports.Below, Limit: 200_000, Unit: "count", Text: "Billed commands"},
		{ID: "success", Metric: "success", Operator: reports.Above, Limit: 95, Unit: "percent", Text: "Jobs that succeeded"},
	}}
	result := func(commit string, commands, success float64) reports.Result {
		return reports.Result{
			Scenario: "phase2", Stage: "phase2", Seed: 7, Build: reports.Build{Commit: commit},
			Judgements: reports.Judge(set, map[string]reports.Measurement{
				"commands": {Value: commands, Unit: "count", Samples: 1000, How: reports.Measured},
				"success":  {Value: success, Unit: "percent", Samples: 1000, How: reports.Measured},
			}, nil),
		}
	}
	before := []reports.Result{result("a1", 119_000, 99.7)}
	after := []reports.Result{result("b2", 142_800, 99.4)}
	c, err := compare.Compare(before, after, compare.DefaultLimits())
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := compare.WriteTerminal(os.Stdout, c, reports.TerminalOptions{}); err != nil {
		fmt.Println(err)
	}
	fmt.Println(c.ExitCode())
	// Output:
	// phase2: stage phase2, after against before
	// before: 1 run of a1
	// after: 1 run of b2
	//
	// Metric                Before    After                Change           95 % interval  Verdict
	// -------------------  -------  -------  --------------------  ----------------------  ----------
	// Billed commands      119,000  142,800       +23,800 (+20 %)           noise unknown  REGRESSION
	// Jobs that succeeded   99.7 %   99.4 %  -0.3 points (-0.3 %)  -1.03 to +0.363 points  same
	//
	// REGRESSION Billed commands: 119,000 before, 142,800 after, a change of +23,800 (+20 %); one run
	//   each: noise unknown; up to 5 % is allowed [commands]
	//
	// REGRESSION: phase2: 1 metric worse beyond noise and limit, 0 criteria no longer hold; of 2 metrics
	//   0 better, 1 worse, 1 the same, 0 unknown
	// 1
}
