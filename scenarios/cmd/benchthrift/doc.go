// Command benchthrift prints what asynq costs and how quick it is, plain and with each level of thrift, beside the targets
// that thrift has to reach. It needs a redis-server in PATH for all sections but rest.
//
// The figures do not change the exit code, which is one of package exitcode: 0 says that they were measured. 2 is a wrong
// flag, 3 that there is no redis-server, 4 an interruption, and 5 that a measurement failed: jobs were lost or done twice,
// or Redis did not answer.
package main
