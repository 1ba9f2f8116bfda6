// Command loadgen sends a load at a running service, or straight at a Redis, and prints what came back.
//
//	loadgen run --target http://127.0.0.1:8080
//	loadgen run --target redis://default:PASSWORD@127.0.0.1:6379 --queue calendar-sync --rate 50/s --duration 30s
//	loadgen run --target rest+https://example.upstash.io
//	loadgen run --target http://10.0.0.5:8080 --segment 2/3 --out load-2
//	loadgen profiles
//	loadgen check my-month.yaml
//	loadgen profile --from account.json --month --out my-month.yaml
//
// # Targets
//
// http:// and https:// are the service: jobs and API requests go to its API. Cache operations go straight to Upstash, as
// another part of the application would send them, when UPSTASH_REDIS_REST_URL and UPSTASH_REDIS_REST_TOKEN are set.
// redis:// and rediss:// are a Redis over TCP: jobs are queued with plain asynq for whatever workers run there, cache operations
// are GET, SET and DEL. rest+https:// is any database over the Upstash REST API, with the token of --token or
// UPSTASH_REDIS_REST_TOKEN; it takes cache operations. What a target cannot do is left out, and the command says how much
// that is. What becomes of accepted jobs is not visible from outside: the scenarios watch that.
//
// # The load
//
// Either a profile, which --jobs, --rate-scale and --duration change; or, with --queue or --rate, jobs alone, evenly spaced, of which
// two of --jobs, --rate and --duration say how many and how fast. Both are laid out from a seed, so that with --segment i/n
// several machines send one load: each its part, at the times of the whole. See loadgen/deploy for Kubernetes, and
// signoff merge for what to do with the results.
//
// The profile command makes a profile of what a service was seen to do: of the account of the fake Upstash, as its admin address
// has it at /account and as it prints it at its end with --json (package recorded).
//
// # Output
//
// Progress goes to standard error: a live view on a terminal, plain lines elsewhere and where NO_COLOR is set or TERM is
// dumb. The table, or with --json the summary, goes to standard output. --out writes result.json and the papers (package
// result says how a load is judged); an interrupted run writes them too, marked partial.
//
// # Exit codes
//
// Those of package exitcode:
//
//	0  everything was sent and answered; refusals by a rate limiter (429) are answers
//	1  an arrival failed, was dropped because too many were under way, or arrivals started late: this machine was too slow
//	2  usage or configuration: unknown flag or profile, bad profile file, bad address, an account that makes no profile
//	3  could not start: the target does not answer, or the account of --account cannot be read
//	4  interrupted; the table and the papers show what was done until then
//	5  internal error
package main
