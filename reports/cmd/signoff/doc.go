// Command signoff shows and attests what a run of Tollgate found, from the result.json it wrote.
//
//	signoff report [RESULT...] [--require SCENARIO,...] [--out DIR] [--json]
//	signoff show FILE... [--html FILE] [--json]
//	signoff merge SEGMENT... --out DIR
//	signoff attest RESULT.json... [--file FILE]... [--key FILE] [--url URL] --out FILE
//	signoff verify FILE [--public-key FILE] [--commit SHA] [--json]
//	signoff keygen DIR
//	signoff compare BEFORE AFTER [--regression 5%] [--limit METRIC=10%]... [--json] [--markdown FILE]
//	signoff history DIR [--html FILE] [--json]
//
// Report puts results into one report to sign: deploy or not, why, what to look at, who signs (see package reports/signoff). It ends
// with 0 when it says DEPLOY.
//
// Show prints each result as the table that the run printed; --json prints the
// results as JSON instead, and --html writes the page of a single result to a file,
// replacing it whole or not at all.
//
// It judges nothing again. A file that is not a sound result, that claims another
// decision than its judgements bear out, or that a later version wrote, is refused.
//
// Merge puts the results of the machines that a run was split over together: it writes the result of the whole run and its
// papers to a folder and prints its table. Segments that are missing, given twice or of another run are refused.
//
// Attest writes an in-toto statement of results and of files beside them, in a signed
// envelope when there is a key; that a result failed is what it states, and no error.
// Verify checks one: the signature, every file and, from the results, everything it
// states. It ends with 1 when the attestation does not hold or says FAILED, with 2 when
// it cannot be read. Keygen writes a pair of keys and overwrites none. See package attest.
//
// Compare says what changed from an earlier result.json, or the repeats beneath a
// folder, to a later one, noise taken into account (see package compare), and ends
// with 0 where nothing regressed, 1 where something did and 2 where a file cannot be
// read or the results are not of one scenario and stage. History shows every metric
// of the results beneath a folder over time; files that cannot be read are listed,
// and make it end with 2 only where there is no other.
//
// The exit code is that of package exitcode, the worst of all files: 0 all passed,
// 1 criteria failed or had no data, 2 a file or an argument is wrong, 4 a run had
// been interrupted, 5 the output could not be written.
package main
