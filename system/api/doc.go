// Package api is the HTTP interface of the service.
//
//	GET  /v1/users/{user}/suggestions   {"user":"u-1","suggestions":[...]}
//	GET  /v1/users/{user}/calendar      {"user":"u-1","events":[...]}
//	GET  /v1/users/{user}/contacts      {"user":"u-1","contacts":[...]}
//	POST /v1/jobs/{queue}               body: the job's payload, any JSON; 202 {"id":"...","queue":"..."}
//	GET  /healthz                       200 {"status":"ok"} or 503 {"status":"unavailable"}; never limited
//
// The three reads go through the cache; the header X-Cache says hit, or miss when this request read the accounts.
// A job that is queued already (see queue.ErrDuplicateJob) answers 202 with "duplicate":true and no id: the work is going to be done.
//
// # Errors
//
// Every error is {"error":{"code":"...","message":"..."}}. Codes: bad_user, malformed_json, bad_payload, unreadable_body (400),
// not_found, unknown_user, unknown_queue (404), method_not_allowed (405, with Allow), body_too_large (413), rate_limited (429),
// internal (500), unavailable (503), timeout (504). Messages of 5xx do not carry internal detail; the log does.
//
// # Rate limit
//
// A client is its X-API-Key (kept as a hash: 16 hex digits of its SHA-256), else its remote IP address. The key is not checked here and
// forwarding headers are not believed: a proxy in front that authenticates must set the one, and without a proxy the
// other is right. Answers carry RateLimit-Limit, RateLimit-Remaining and RateLimit-Reset (seconds after which the whole limit is back
// for sure, when allowed, or the next request will be allowed, when not), as in
// https://datatracker.ietf.org/doc/html/draft-ietf-httpapi-ratelimit-headers-05; a 429 carries Retry-After too, in whole seconds
// rounded up.
//
// When Redis fails, requests are let through (fail open), counted in [Stats] and logged at most once a second: the limiter protects
// the service, and must not be what takes it down. A client whose requests only queue up behind each other is not let through; it
// gets a 429.
//
// # Bounds
//
// A request body has at most 64 KiB. A handler has Config.RequestTimeout, of which the limiter may use Config.LimiterTimeout. How
// long a client may take to send its request is the http.Server's ReadTimeout. A panic is a 500 and a log line with its stack.
package api
