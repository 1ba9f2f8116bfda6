// Package reports turns measurements into a verdict and a verdict into papers:
// a table for the terminal, a result.json for machines, one self-contained HTML page
// for whoever signs the deploy off, JUnit XML and CTRF for CI systems, and Markdown for
// a pull request.
//
// The way through it:
//
//	set, err := reports.LoadSet("phase1.yaml", data, knownMetrics) // criteria are data
//	judgements := reports.Judge(set, measurements, nil)
//	result := reports.Result{Scenario: set.Scenario, Judgements: judgements, ...}
//	err = reports.WriteFiles("reports/out/phase1", result)         // result.json and all papers
//	err = reports.WriteTerminal(os.Stdout, result, reports.DetectTerminal(os.Stdout, os.Getenv))
//	err = reports.AppendStepSummary(os.Getenv("GITHUB_STEP_SUMMARY"), result)
//	os.Exit(result.ExitCode())
//
// A run that was split over several machines has a result of each, and [MergeSegments] makes that of the whole of them.
//
// Rules it keeps:
//
//   - No data is never a pass. A criterion without samples, with a NaN, in another
//     unit, or with a figure that does not say how it was got, is NO DATA, and
//     NO DATA fails the run.
//   - Every figure says how it was got: measured, simulated or projected.
//   - Judge is the only place where a value meets its limit. Each renderer prints
//     what Judge found and compares nothing again.
//   - A paper for another program looks green exactly when the decision is PASS: a run
//     that was stopped, or in which nothing was judged, has a case that did not pass.
//   - What is written is whole: files appear by rename, or not at all.
//
// What it does not do: it takes no measurements, knows no metric by name (the
// caller passes the list of those it can measure), and imports no other package
// of this module besides its own sub-packages.
//
// The criteria file, operators and the four verdicts follow what users of k6
// thresholds, Gatling assertions and Locust exit codes ask for; see
// https://grafana.com/docs/k6/latest/using-k6/thresholds/ for the model.
package reports
