// Command providers runs the fake providers (Google OAuth, Calendar and People,
// SMS, webhook targets, suggestions) on one local port, for a local run of the
// service. It prints the variables to use, in lines that a shell or an .env file
// can take as they are, and writes a file of accounts to go with them.
//
// On SIGINT or SIGTERM it closes and prints what it served. Exit codes: 0 stopped
// on request, 2 usage, 3 could not start.
package main
