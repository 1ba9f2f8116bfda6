package thrift

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"
)

// Level says how much of asynq's traffic is changed. Each level keeps what the one before it brings.
type Level string

// The levels, least first.
const (
	// Off passes every command through.
	Off Level = "off"
	// Quiet answers idle traffic from what this process knows; jobs use asynq's own scripts.
	Quiet Level = "quiet"
	// Lean also replaces asynq's scripts with cheaper equivalents and defers statistics.
	Lean Level = "lean"
	// Full also batches what is done at the same moment, fetches jobs ahead and starts jobs that this process
	// enqueues without the way through the pending list.
	Full Level = "full"
)

// Levels returns every level, least first.
func Levels() []Level { return []Level{Off, Quiet, Lean, Full} }

// Defaults. Prices are billed commands in a month of 30 days, for any number of queues on one Redis (on Redis Cluster a
// survey costs one command a queue).
const (
	// DefaultSurveyInterval bounds how long a job of a plain asynq client waits. 7,200 commands a month.
	DefaultSurveyInterval = 6 * time.Minute
	// DefaultFullSurveyInterval bounds how long a wrong belief about a set that is known to be in use lasts. 240
	// commands a month, and eleven more for each kind of set in use each time.
	DefaultFullSurveyInterval = 24 * time.Hour
	// DefaultHeartbeatInterval is the age that a server's entry in asynq's list of servers may reach. 1,500 commands a
	// month for each server.
	DefaultHeartbeatInterval = 30 * time.Minute
	// DefaultStatisticsInterval bounds how long finished jobs are missing from the daily and total counters. Two to four
	// commands for each queue that finished a job since the last time.
	DefaultStatisticsInterval = time.Hour
	// DefaultWakeInterval is the least time between two wake-ups that this process sends. One command each, and none
	// while the process starts its jobs itself.
	DefaultWakeInterval = 20 * time.Millisecond
)

// Config is what a Governor needs. The zero values of the durations are the defaults.
type Config struct {
	Level Level
	// Wake tells other processes of new jobs and listens to them and to asynq's cancellations, on a connection of its
	// own. Without it, jobs and cancellations from other processes are not seen before the next survey, or not at all:
	// it is for the process that does everything itself.
	Wake bool

	SurveyInterval     time.Duration
	FullSurveyInterval time.Duration
	HeartbeatInterval  time.Duration
	StatisticsInterval time.Duration
	WakeInterval       time.Duration

	// Failpoint, when set, is called at each step that a crash test may end the process at. It may be called by several
	// goroutines at once, and must not call the governor.
	Failpoint func(Failpoint)

	// Logger gets what an operator should know; nil discards it.
	Logger *slog.Logger
}

// Validate reports every field that has an impossible value.
func (c Config) Validate() error {
	var problems []error
	if !slices.Contains(Levels(), c.Level) {
		problems = append(problems, fmt.Errorf("level %q is unknown: use one of %v", c.Level, Levels()))
	}
	for _, field := range []struct {
		name  string
		value time.Duration
	}{
		{"survey interval", c.SurveyInterval},
		{"full survey interval", c.FullSurveyInterval},
		{"heartbeat interval", c.HeartbeatInterval},
		{"statistics interval", c.StatisticsInterval},
		{"wake interval", c.WakeInterval},
	} {
		if field.value < 0 {
			problems = append(problems, fmt.Errorf("%s %v is negative: use 0 for the default", field.name, field.value))
		}
	}
	if len(problems) > 0 {
		return fmt.Errorf("thrift: invalid configuration: %w", errors.Join(problems...))
	}
	return nil
}

// withDefaults fills in the fields left zero.
func (c Config) withDefaults() Config {
	for _, field := range []struct {
		value    *time.Duration
		fallback time.Duration
	}{
		{&c.SurveyInterval, DefaultSurveyInterval},
		{&c.FullSurveyInterval, DefaultFullSurveyInterval},
		{&c.HeartbeatInterval, DefaultHeartbeatInterval},
		{&c.StatisticsInterval, DefaultStatisticsInterval},
		{&c.WakeInterval, DefaultWakeInterval},
	} {
		if *field.value == 0 {
			*field.value = field.fallback
		}
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c
}
