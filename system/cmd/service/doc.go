// Command service runs the service from its environment until SIGINT or
// SIGTERM, then stops it without losing a job. The variables are listed in
// system/docs/environment.md.
//
// Exit codes: 0 stopped as asked, also while it starts; 2 an argument or the
// configuration is wrong; 3 could not start; 5 the shutdown was not clean. They
// agree with those of all commands of the repository.
package main
