// Package account reads, while a load runs, what the Redis of the target is charged: from the admin door of Tollgate's fake
// Upstash, which may stand in front of a real Redis. It is read over HTTP, at /ledger; nothing else is asked there.
//
// The account is that of all clients, the service's workers included. Commands count from the first reading on.
package account
