// Package reports turns measurements into a verdict and a verdict into papers:
// a table for the terminal, a result.json for machines, and one self-contained
// HTML page for whoever signs the deploy off.
//
// The way through it:
//
//	set, err := reports.LoadSet("phase1.yaml", data, knownMetrics) // criteria are data
//	judgements := reports.Judge(set, measurements, nil)
//	result := reports.Result{Scenario: set.Scenario, Judgements: judgements, ...}
//	err = reports.WriteFiles("reports/out/phase1", result)         // result.json, report.html
//	err = reports.WriteTerminal(os.Stdout, result, reports.DetectTerminal(os.Stdout, os.Getenv))
//	os.Exit(result.ExitCode())
//
// Rules it keeps:
//
//   - No data is never a pass. A criterion without samples, with a NaN, in another
//     unit, or with a figure that does not say how it was got, is NO DATA, and
//     NO DATA fails the run.
//   - Every figure says how it was got: measured, simulated or projected.
//   - Judge is the only place where a value meets its limit. Each renderer prints
//     what Judge found and compares nothing again.
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
