// Package faults makes a fake Upstash Redis fail: by name, from a seed, and while
// it runs.
//
// # What it does
//
// A Registry holds faults. Each has a kind, selectors that say whom it hits, a
// schedule, a probability and a limit of how often it fires, and keeps count of
// what it did. Add switches one on, for connections that are open already too;
// Remove switches it off. The same goes over HTTP (Handler), with faults as JSON or
// as lines such as
//
//	latency,name=slow,delay=200ms,jitter=50ms,component=cache,after=12h,for=1h
//
// # Kinds
//
//	latency       delay, jitter, direction           answers come later, over TCP and REST
//	reset         bytes                              connections are reset: TCP at once, or after so many bytes
//	                                                 more; REST instead of running the commands
//	refuse        text                               new connections are reset, or told text and closed
//	bandwidth     rate, direction                    TCP: so many bytes a second
//	half-open                                        TCP: nothing moves and nothing is closed
//	status        code, retry-after, json, text      REST: an answer as from a proxy; the commands do not run
//	slow-body     rate                               REST: so many bytes a second of the body
//	truncate      bytes                              REST: half of the body, or so many bytes of it
//	lost-answer                                      REST: the commands run, the client sees a broken connection
//	error         text                               commands are answered with text
//	loading                                          commands are answered with LOADING
//	readonly                                         writes are answered with READONLY, as during an upgrade
//	quota-spent                                      the month counts as spent
//	script-flush  every                              scripts are forgotten
//	failover      every, downtime                    all connections are dropped, scripts are forgotten, and new
//	                                                 connections refused during the downtime
//	clock-jump    by                                 the clock of ledger, quota and TTLs moves
//
// All take name, after and for; for is of no use to actions that are done at once.
// All but the last four take probability, count, transport and door; component and
// command where there is one. Of the kinds of a request, all latencies add up; a
// status or a reset, whichever was added first, then takes its place, and otherwise
// the first of lost-answer, truncate and slow-body acts on the answer.
//
// A probability decides about each connection once (TCP), about each request (REST),
// each command (error, loading, readonly) or each new connection (refuse). 0 means
// never.
//
// # What is reproducible
//
// Each fault draws from the registry's seed and its own name: its n-th decision is
// the same in each run, whatever other faults do. Connections that are open when it
// is switched on are decided in the order in which they came. The jitter of a TCP
// connection depends on the seed, the name and the connection's number, that of
// requests on how many were delayed before. So the same sequence of connections,
// requests and commands gives the same faults. What that sequence is, where several
// clients race, is theirs: give a fault a component, or each component a fault.
//
// # Toxics
//
// TCP faults are toxics of Shopify's toxiproxy, used as a library: its stubs and
// chunks, its contract that an interrupted toxic flushes what it holds, and its
// LatencyToxic, LimitDataToxic and NoopToxic. Three are written here for the same
// interface, where its own do not do: jitter (theirs has no seed), bandwidth (theirs
// logs to standard error and may drop data when it is removed) and a stall that
// keeps what it gets (their timeout drops it).
//
// toxiproxy changes a chain of toxics under way, link by link. Here a chain never
// changes: when the faults of a connection do, its chain is retired, which flushes
// it at once, and another, or none, takes its place behind what was flushed. So
// removing a fault never loses, repeats or reorders a byte. A connection that no
// fault hits is read and written directly, for an atomic load.
//
// # What it does not
//
// A refused connection is accepted first: its client sees a reset, not "connection
// refused". The end of a connection in memory is an EOF where TCP has a reset.
// Requests that the REST API turns away before it looks at commands, such as those
// with a wrong token, meet no faults but refuse and failover. AUTH, HELLO, QUIT and
// RESET are never answered with a fault's error. TCP latency counts from the server's
// write, so a dial takes no longer, but a TLS handshake does. A clock that jumps is
// not that of TIME, of stream IDs, or of a client.
//
// # Sources
//
//   - Toxics: https://github.com/Shopify/toxiproxy (v2.12.0) and its CREATING_TOXICS.md
//   - READONLY while a server is upgraded, and the errors of limits: see package upstash
//   - LOADING: Redis's source, https://github.com/redis/redis/blob/unstable/src/server.c
package faults
