// Package conformance says how Upstash Redis answers, in cases that run against
// anything that claims to be one.
//
// # What it does
//
// Exercise runs every case against a Target: over RESP2, RESP3, one REST request
// per command, REST pipelines, and each form of REST request. The same cases run
// against the fake (in memory and virtual time, on real sockets, with a real Redis
// behind it), a Redis itself, and a real Upstash database. Differential sends two
// targets the same commands and wants the same bytes of both, except where the
// cases say that Upstash and Redis differ.
//
// A case is a transcript in transcripts/*.txt:
//
//	== INCR of something else
//	> SET @k text
//	< +OK
//	> INCR @k
//	< -ERR value is not an int or out of range
//	  redis: -ERR value is not an integer or out of range
//	  why: https://upstash.com/docs/redis/features/restapi has this text
//
// Commands are written as for redis-cli, @k is a key of the case's own, "2>" is a
// second connection, and several ">" in a row are sent at once. Expectations are
// graded: exact, in any order, in a range, by type, or by an error's start; see
// parsePattern. "eventually" asks again for up to 5 seconds. Below a reply stands what holds
// elsewhere: under the trait of a target (redis, embedded, remote), which needs a reason,
// or of a door (resp2, resp3, rest, pipeline). Such a known difference has to be
// true: once it is not, the case fails.
// "! alone" marks cases that touch other keys, "! since 8.2.0" those that need a
// newer Redis, "! tcp-only" those with no place in REST, "! not trait: why" those
// that cannot run at all somewhere. What does not run is skipped by name.
//
// # What it does not
//
// It says nothing of billing and of the plans' limits: a client cannot see those,
// and the fake's own tests hold them. Known differences are exactly as long as the
// lines of the transcripts that name them.
//
// # Sources
//
// Answers are those of Redis 7 and 8 (https://redis.io/docs/latest/commands/),
// except where a case names a page of Upstash's. The grades of comparison are an
// idea of miniredis' integration tests, the form of cockroachdb/datadriven.
package conformance
