// Package accounts is the application's own database: one record per user, in memory.
//
// It stands where a service has PostgreSQL or the like. It holds what the jobs read and write (refresh tokens, sync
// tokens, webhooks, the synchronized calendar and contacts, suggestions) and what the API reads on a cache miss. It is
// deliberately not in Redis: the system's Redis bill is about queues, cache and limiters only.
//
// The package also owns the names of the cached views of an account (SuggestionsKey and its siblings), because the jobs
// write them and the API reads them, and the pure functions that apply a synchronization's changes to a stored list.
//
// What it does not do: survive a restart, share data between processes, or evict. A process that needs more than
// MaxAccounts users gets ErrFull.
package accounts
