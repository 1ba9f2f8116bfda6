// Command upstash runs a fake Upstash Redis on this machine: the REST API and the Redis protocol on one data set, and
// an account of what Upstash would bill, as a page, JSON and Prometheus metrics at the admin address.
//
// The data is in memory, and with --data also in a file from one run to the next. With --upstream it is in another
// Redis, and the program is a meter: whatever an application does through it is passed on, and counted. Commands that
// Upstash does not have are refused as Upstash would, and listed.
//
// It prints how to reach it, and, when it is stopped with an interrupt (Ctrl-C) or a termination signal, the account.
//
// # What it does not
//
// It keeps what was billed for one run only. One data file belongs to one program at a time: the last to end wins.
//
// The exit codes are those of package exitcode: 0 stopped as asked, 2 wrong usage, 3 could not start, 5 the data could
// not be saved, or another internal error. Data that was not saved is not 1, since nothing was judged, and not 4, since
// the run was not cut short.
package main
