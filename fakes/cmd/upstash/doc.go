// Command upstash runs a fake Upstash Redis on this machine: the REST API and the Redis protocol on one data
// set in memory, and a page of account. It prints how to reach it, and, when it is stopped with an interrupt
// (Ctrl-C) or a termination signal, what Upstash would have billed.
//
// Exit codes: 0 stopped as asked, 2 wrong usage, 3 could not start.
package main
