// Package service is the composition root: it turns a configuration, above all
// its stage, into a running service.
//
// The service is a JSON cache, an API rate limiter, an SMS rate limiter, eleven
// job queues with their processors, the clients of the providers that the jobs
// call, and an HTTP API over all of them. Which transport, which worker set and
// which optimizations are used is decided by [config.Config.Plan] alone; there
// is one wiring, not one per stage.
//
// The package holds no logic of its own: what a component does is written down
// in that component's package. It reads no environment variable and no file.
package service
