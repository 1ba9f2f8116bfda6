// Package cache is a JSON cache over a Redis-like store, made for stores which charge for every command.
//
// # Two modes
//
// Plain mode (neither Config.Near nor Config.Gather set) is the textbook cache: one GET per [Cache.Get], one SET with a
// time to live per [Cache.Set], one DEL per [Cache.Del].
//
// Lean mode gives the same answers for fewer commands, by three means:
//
//   - a near cache: up to Near.Size encoded values stay in this process for at most Near.TTL (default 10 s);
//   - single flight: reads of one key at one moment share one read of the store, and [Fetch] shares one load;
//   - gathering: the first read which has to ask the store opens a batch, the reads of the next Config.Gather join it, and one
//     MGET (at most 100 keys) answers them all. An MGET is billed as one command, whatever the number of its keys
//     (https://upstash.com/docs/redis/sdks/ts/commands/string/mget and https://upstash.com/docs/redis/overall/billing).
//
// # How stale can a value be
//
// In plain mode not at all. In lean mode, at most Near.TTL: that is how long another process's Set or Del, or the expiry of a
// key that this process only read, may stay unseen; a near value's age counts from when its command was sent, so that a slow
// store does not lengthen it. A miss is remembered too, for at most a fifth of Near.TTL (default 2 s), so that a key written
// elsewhere appears soon. What this process does itself is seen at once: Set replaces the near value (and its
// own time to live bounds the near one), Del drops it, DeletePattern empties the near cache altogether, since matching 10,000
// keys in memory is dearer than reading the few live ones again.
//
// A read which was under way while this process wrote the same key may return the older value to its caller, but never puts it
// into the near cache: writes bump a generation, and a reply of an older generation is not kept. For the same reason a value
// loaded by Fetch is not stored when its key was written or deleted meanwhile.
//
// # Failures
//
// Get, Set, Del and DeletePattern return a [StoreError] when the store fails. Fetch does not: it counts the error and calls load,
// so that an outage of the cache makes the service slower and not broken. Bytes in the store that do not decode are
// [ErrDecode] from Get and a miss for Fetch, which replaces them.
//
// Each caller's context is obeyed, and one that gives up does not fail the others of its batch or flight: shared work runs in
// goroutines of the cache, bounded by Config.Timeout and Config.LoadTimeout, and is ended by Close.
//
// What this package does not do: it has no eviction in the store (time to live only), no tags, and no invalidation messages between
// processes, because those would cost more commands than they save.
package cache
