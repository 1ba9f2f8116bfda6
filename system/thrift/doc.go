// Package thrift keeps unmodified github.com/hibiken/asynq quiet on a Redis that bills each command.
//
// A [Governor] stands between asynq and go-redis. It answers asynq's idle traffic from what it knows, writes jobs with
// fewer commands on the same keys, and writes together what happens at the same moment. asynq's Inspector, asynqmon and
// plain asynq servers see the same data.
//
// It knows exactly asynq v0.26.0. A self-test at start compares asynq's commands with those that it knows; when they
// differ, everything passes through.
//
// It does not change what asynq does: queues, retries, schedules, groups and their semantics are asynq's, at least once
// included. It has no settings for asynq's own intervals; those of the server should be short, as the waiting is done here.
//
// The README has the design, what each operation writes, and what a crash leaves behind. What asynq sends was taken from
// its source (internal/rdb, internal/base) and measured.
package thrift
