// Package exitcode holds the exit codes that every command of Tollgate ends
// with, so that a CI job can tell "the criteria failed" from "the run could
// not be done".
//
//	0  all passed: every criterion held
//	1  criteria failed: the run was done, and at least one criterion failed or had no data
//	2  usage or configuration: a flag, a file or a variable is wrong; nothing was run
//	3  could not start: a port is taken, a server does not answer; nothing was judged
//	4  interrupted: the run was stopped before its end
//	5  internal error: a fault of Tollgate itself
//
// The higher the code, the less is known: 0 and 1 are answers, from 2 on the
// answer is missing. That is why [Worst] is the highest code.
//
// A command returns an error made by [With] and ends with os.Exit([Of](err)).
// The package neither prints nor exits.
package exitcode
