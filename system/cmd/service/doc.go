// Command service runs the service from its environment until SIGINT or
// SIGTERM, then stops it without losing a job. The variables are listed in
// system/docs/environment.md.
//
// Exit codes: 0 stopped on request, 2 the configuration is wrong, 3 could not
// start, 5 the shutdown was not clean.
package main
