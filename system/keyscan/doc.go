// Package keyscan deletes keys by pattern through any Redis client: SCAN in
// pages, then variadic DELs. The REST and the TCP client share it, so that both
// send the same commands and keep to the same bounds.
//
// It knows no protocol: the caller hands in a function for one SCAN and one for
// one DEL. What SCAN promises is Redis's own guarantee
// (https://redis.io/docs/latest/commands/scan/): a key that is there all the time
// is found, one written meanwhile may be missed.
package keyscan
