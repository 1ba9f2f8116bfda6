// Command verify runs scenarios and judges them:
//
//	verify phase1 phase2
//
// It prints a table for each scenario and writes result.json and report.html
// under --out. The exit code is the worst of the scenarios': 0 all criteria
// passed, 1 some failed, 2 usage or configuration, 3 could not start, 4
// interrupted, 5 internal error.
package main
