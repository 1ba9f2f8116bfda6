package main

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"tollgate/reports"
	"tollgate/scenarios"
	"tollgate/scenarios/month"
)

// ownCriteria reads the files of --criteria, by the scenario that each is for.
func (a *arguments) ownCriteria() (map[string]reports.Set, error) {
	sets := map[string]reports.Set{}
	for _, file := range a.Criteria {
		data, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("--criteria: %w", err)
		}
		scenario := reports.ScenarioOf(data)
		metrics := scenarios.Metrics()
		if strings.HasPrefix(scenario, monthScenario) {
			metrics = month.Metrics()
		}
		set, err := reports.LoadSet(file, data, metrics)
		if err != nil {
			return nil, err
		}
		if _, twice := sets[scenario]; twice {
			return nil, fmt.Errorf("%s: there are two files of criteria for scenario %s", file, scenario)
		}
		sets[scenario] = set
	}
	return sets, nil
}

// allUsed says whether every file of criteria is for a scenario that is run.
func allUsed(sets map[string]reports.Set, runs []scenarioRun) error {
	for scenario, set := range sets {
		if !slices.ContainsFunc(runs, func(r scenarioRun) bool { return r.name == scenario }) {
			return fmt.Errorf("%s is for scenario %q, which is not run", set.Inputs[0].Name, scenario)
		}
	}
	return nil
}
