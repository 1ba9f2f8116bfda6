// Command verify runs scenarios and judges them:
//
//	verify phase1 phase2
//
// It prints a table for each scenario and writes its reports under --out: result.json, report.html, report.md, junit.xml and
// ctrf.json; several scenarios end with one report to sign, signoff/signoff.html. Where GITHUB_STEP_SUMMARY names a file, the
// Markdown is added to it. The exit code is the worst of the scenarios': 0 all criteria passed, 1 some failed, 2 usage or
// configuration, 3 could not start, 4 interrupted, 5 internal error.
package main
