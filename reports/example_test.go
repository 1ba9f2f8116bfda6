package reports_test

import (
	"fmt"
	"os"
	"strings"

	"tollgate/reports"
)

func ExampleLoadSet() {
	known := []reports.Metric{{Name: "stage.connections.peak", Unit: "count"}}
	_, err := reports.LoadSet("phase2.yaml", []byte(`scenario: phase2
criteria:
  - id: connections
    requirement: R12
    metric: stage.connection.peak
    operator: "between"
    limit: 1
    unit: count
    text: Most Redis connections at once
`), known)
	fmt.Println(err)
	// Output:
	// phase2.yaml:3: criterion connections: "between" needs upper, the highest value that still passes
	// phase2.yaml:5: criterion connections: unknown metric "stage.connection.peak": use one of stage.connections.peak
}

func ExampleJudge() {
	set := reports.Set{Scenario: "phase2", Criteria: []reports.Criterion{
		{ID: "errors", Metric: "connection.errors", Operator: reports.Equal, Limit: 0, Unit: "count"},
		{ID: "commands", Metric: "commands.month", Operator: reports.Below, Limit: 200_000, Unit: "count"},
		{ID: "p95", Metric: "api.p95", Operator: reports.AtMost, Limit: 12, Unit: "ms"},
	}}
	judgements := reports.Judge(set, map[string]reports.Measurement{
		"connection.errors": {Value: 0, Unit: "count", Samples: 61_204, How: reports.Measured},
		"commands.month":    {Value: 241_300, Unit: "count", Samples: 30, How: reports.Simulated},
	}, nil)
	for _, j := range judgements {
		fmt.Println(j.ID, j.Verdict)
		if j.Reason != "" {
			fmt.Println(" ", j.Reason)
		}
	}
	fmt.Println(reports.Decide(judgements, false))
	// Output:
	// errors PASS
	// commands FAIL
	//   simulated 241,300, wanted < 200,000: 41,300 above 200,000 (20.7 %)
	// p95 NO DATA
	//   api.p95 was not measured
	// FAIL
}

func ExampleWriteTerminal() {
	upper := 3.0
	set := reports.Set{Scenario: "phase2", Criteria: []reports.Criterion{
		{ID: "connections", Requirement: "R12", Metric: "peak", Operator: reports.Between, Limit: 1, Upper: &upper, Unit: "count", Text: "Most Redis connections at once"},
	}}
	result := reports.Result{
		Scenario: "phase2", Title: "One shared set of connections", Stage: "phase2", Baseline: "legacy", Seed: 7,
		Judgements: reports.Judge(set, map[string]reports.Measurement{
			"peak": {Value: 3, Unit: "count", Samples: 790, How: reports.Measured},
		}, nil),
	}
	if err := reports.WriteTerminal(os.Stdout, result, reports.TerminalOptions{Width: 80}); err != nil {
		fmt.Println(err)
	}
	// Output:
	// phase2: One shared set of connections (stage phase2 against legacy, seed 7)
	//
	// Criterion                       Value  Limit   Verdict  How
	// ------------------------------  -----  ------  -------  --------
	// Most Redis connections at once      3  1 to 3  PASS     measured
	//
	// PASS: phase2: the one criterion passed
}

func ExampleWriteMarkdown() {
	set := reports.Set{Scenario: "phase2", Criteria: []reports.Criterion{
		{ID: "commands", Requirement: "R12", Metric: "commands.month", Operator: reports.Below, Limit: 200_000, Unit: "count", Text: "Billed commands in a month"},
	}}
	result := reports.Result{Scenario: "phase2", Judgements: reports.Judge(set, map[string]reports.Measurement{
		"commands.month": {Value: 241_300, Unit: "count", Samples: 30, How: reports.Simulated},
	}, nil)}
	var b strings.Builder
	if err := reports.WriteMarkdown(&b, result); err != nil {
		fmt.Println(err)
	}
	shown, _, _ := strings.Cut(b.String(), "<details>")
	fmt.Println(shown)
	// Output:
	// ## Tollgate: not passed
	//
	// - **FAIL** phase2: the one criterion failed
	//
	// ### phase2 (seed 0)
	//
	// | What | Value | Limit | Margin | Verdict | How |
	// | :-- | --: | :-- | --: | :-- | :-- |
	// | Billed commands in a month | 241,300 | &#60; 200,000 | -20.7 % | **FAIL** | simulated |
	//
	// **phase2: what did not pass**
	//
	// - **FAIL** Billed commands in a month: simulated 241,300, wanted &#60; 200,000: 41,300 above 200,000 (20.7 %). (commands, R12)
}

func ExampleFormat() {
	fmt.Println(reports.Format(119_000_000, "count"))
	fmt.Println(reports.Format(32.41, "percent"))
	fmt.Println(reports.Format(12.3456, "ms"))
	fmt.Println(reports.Format(99.996, "percent"))
	// Output:
	// 119,000,000
	// 32.4 %
	// 12.3 ms
	// 99.996 %
}
