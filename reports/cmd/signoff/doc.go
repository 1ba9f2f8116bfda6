// Command signoff shows what a run of Tollgate found, from the result.json it wrote.
//
//	signoff show FILE... [--html FILE] [--json]
//
// Show prints each result as the table that the run printed; --json prints the
// results as JSON instead, and --html writes the page of a single result to a file,
// replacing it whole or not at all.
//
// It judges nothing again. A file that is not a sound result, that claims another
// decision than its judgements bear out, or that a later version wrote, is refused.
//
// The exit code is that of package exitcode, the worst of all files: 0 all passed,
// 1 criteria failed or had no data, 2 a file or an argument is wrong, 4 a run had
// been interrupted, 5 the output could not be written.
package main
