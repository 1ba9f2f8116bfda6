// Command loadgen sends a workload profile at a running service and prints what
// came back.
//
//	loadgen run --profile phase --target http://127.0.0.1:8080
//	loadgen profiles
//	loadgen check my-month.yaml
//	loadgen profile --from account.json --month --out my-month.yaml
//
// Jobs and API requests go over HTTP. Cache operations go straight to Upstash,
// as another part of the application would send them, when
// UPSTASH_REDIS_REST_URL and UPSTASH_REDIS_REST_TOKEN are set; otherwise they
// are left out, and the command says so. What becomes of accepted jobs is not
// visible from outside: the scenarios watch that.
//
// The last one makes a profile of what a service was seen to do: of the account of the fake Upstash, as its admin address
// has it at /account and as it prints it at its end with --json (package recorded).
//
// Progress goes to standard error, the table to standard output.
//
// # Exit codes
//
//	0  everything was sent and answered; refusals by a rate limiter (429) are answers
//	1  a request failed, or an arrival was dropped because too many were under way
//	2  usage or configuration: unknown flag or profile, bad profile file, bad address, an account that makes no profile
//	3  could not start: the target does not answer GET /healthz with 200
//	4  interrupted; the table shows what was done until then
//	5  internal error
package main
