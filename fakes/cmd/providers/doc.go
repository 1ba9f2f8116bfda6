// Command providers runs the fake providers (Google OAuth, Calendar and People,
// SMS, webhook targets, suggestions) on one local port, for a local run of the
// service. It prints the variables to use, in lines that a shell or an .env file
// can take as they are, and writes a file of accounts to go with them.
//
// On SIGINT or SIGTERM it closes and prints what it served, with --json for a
// machine: then the variables are on the standard error.
//
// The exit codes are those of package exitcode: 0 stopped as asked, 2 usage (a flag,
// or a file of accounts that cannot be written), 3 could not start, 5 internal error.
package main
