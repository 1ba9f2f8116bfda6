// Package tcpredis makes go-redis clients for Upstash over TCP, and a key-value
// Store on top of them.
//
// New sets go-redis up for a Redis that counts connections and bills commands:
//
//   - a quiet handshake, HELLO 2 and CLIENT SETNAME and nothing else, so that
//     each connection can be told by its component's name in CLIENT LIST;
//   - a pool of exactly the given size, pipelines included (go-redis gives
//     pipelines ten connections of their own by default), that keeps its
//     connections instead of closing idle ones; MaxConns holds it, with its
//     subscribers, to a number at every moment, reconnects included;
//   - TLS 1.2 or later, with the server's name verified;
//   - retries with growing, jittered pauses, also for commands that are not
//     idempotent: go-redis does not tell them apart. MaxRetries turns them off.
//
// Store offers the key-value commands that caches and limiters need, with the
// methods and the answers of the REST client, so that either can stand in for
// the other.
//
// What it does not do: clusters, Sentinel, client-side caching, RESP3.
//
// Facts come from the go-redis source (github.com/redis/go-redis, v9.23) and
// from Upstash's documentation (https://upstash.com/docs/redis/howto/connectclient).
package tcpredis
