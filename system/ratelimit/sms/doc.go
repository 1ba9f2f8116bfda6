// Package sms limits how many text messages go to one phone number, on any limiter of package ratelimit.
//
// # Numbers
//
// [Normalize] brings a number into E.164 form (ITU-T E.164: "+", country code, at most 15 digits), so that "+1 (415) 555-0100"
// and "001 415 555 0100" are one subject. It does not guess: a number without its country code is [ErrBadNumber], and whether the
// number exists is the carrier's business.
//
// # Privacy
//
// Raw numbers never reach Redis or an error text. The subject is the first 16 hex digits (64 bits) of the SHA-256 of the
// normalized number. That keeps numbers out of dumps, consoles and logs; it does not make them anonymous, because all phone
// numbers can be tried by whoever holds the key and a computer. Two numbers share a limit by accident once in 2^64 pairs.
//
// # When there is no decision
//
// Where the limiter fails (Redis is down, or a ratelimit.Local is full), Allow returns the error and allows nothing (fail closed): a message costs money and cannot be unsent, and the job that wanted to
// send it is retried by its queue. The API's limiter does the opposite, see system/api.
package sms
