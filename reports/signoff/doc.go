// Package signoff puts the results of several scenarios into one pre-deploy report: one decision, who approves it, and what
// they must look at.
//
//	report, err := signoff.New(results, signoff.Options{Required: []string{"phase1", "phase2"}})
//	err = signoff.WriteFiles("reports/out/signoff", report) // signoff.json, signoff.html
//
// The decision is DEPLOY when every required scenario is there, every result passed, and all are of one known commit. In every other
// case it is DO NOT DEPLOY, and Reason says why in one sentence. Nothing is judged again: verdicts are those of the results, and
// a result that contradicts itself is refused by package reports.
//
// Points are what a reader must look at although nothing failed: limits that are nearly reached, figures that were projected,
// criteria that were left out, results of changed working trees, of other machines, or old ones.
package signoff
