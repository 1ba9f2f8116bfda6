// Package config turns environment variables into a validated configuration.
//
// Load reads every variable of the service once, reports all problems in one
// error (a line for each, naming the variable, its value and what to do) and
// never prints a secret. Config.Plan resolves the stage, with its overrides,
// into the choices the service has to make: which transport the cache and the
// limiters use, which worker set runs, which optimizations are on.
//
// A stage is a configuration, not a copy of code: rolling back means choosing
// an earlier STAGE, or overriding one of its choices with KV_TRANSPORT,
// WORKER_SET or THRIFT.
//
// The package opens nothing and dials nothing: whether a credential is right is
// found out by the clients' own Ping. The table of variables for readers is
// system/docs/environment.md; a test keeps it equal to the table in this
// package.
package config
