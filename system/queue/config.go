package queue

import (
	"errors"
	"fmt"
	"log/slog"
	"time"

	"tollgate/system/thrift"
)

// Topology says how queues share connections and servers.
type Topology string

// The two topologies.
const (
	PerQueue Topology = "per-queue"
	Shared   Topology = "shared"
)

// Defaults and bounds.
const (
	DefaultTaskCheckInterval        = time.Second
	DefaultDelayedTaskCheckInterval = 5 * time.Second
	DefaultShutdownTimeout          = 8 * time.Second
	DefaultRetryBase                = 10 * time.Second
	DefaultRetryCap                 = 10 * time.Minute
	// MaxRetryAfter bounds the delay that RetryAfter can ask for.
	MaxRetryAfter = 24 * time.Hour
	// MaxPayload is the size of the largest payload in bytes.
	MaxPayload = 1 << 20
	// pingTimeout bounds the check of each connection in Start.
	pingTimeout = 10 * time.Second
	// strayTimeout is how long Stop waits for processors that go on after their context was cancelled.
	strayTimeout = time.Second
	// schedulerTimeout is how long Stop waits for asynq's scheduler, which takes back its entries one command after another.
	schedulerTimeout = 2 * time.Second
	// flushTimeout is how long Stop lets the governor write what it deferred.
	flushTimeout = 5 * time.Second
)

// Config is what a Factory needs. Topology and Connect have no default.
type Config struct {
	Topology Topology
	Connect  Connect
	// Concurrency is how many jobs the one server of the Shared topology runs at once; 0 is the sum of the table's
	// figures. In the PerQueue topology each queue's server keeps to the table.
	Concurrency int
	// Thrift keeps the one client of the Shared topology cheap; no level is thrift.Off. The PerQueue topology knows no
	// other. Its Logger is left alone where it is set; otherwise it is this Config's.
	Thrift thrift.Config
	// TaskCheckInterval is the mean pause between looks at empty queues. A stop waits for up to 1.5 of it. With thrift
	// it is 1 ms, whatever is set here: the looks wait in the governor.
	TaskCheckInterval time.Duration
	// DelayedTaskCheckInterval is the pause between looks for scheduled and retried jobs that are due. With thrift it is
	// 100 ms, whatever is set here: the looks are answered from memory.
	DelayedTaskCheckInterval time.Duration
	// ShutdownTimeout is how long a stop lets running jobs go on before they are handed back to their queue.
	ShutdownTimeout time.Duration
	// RetryBase is the upper bound of the first retry's random delay; it doubles for each further one up to RetryCap.
	RetryBase time.Duration
	RetryCap  time.Duration
	// Deduplicate turns the table's UniqueFor on.
	Deduplicate bool
	// Schedules are added from Start to Stop, those of queues made by CreateQueue before Start; of all processes exactly one should
	// have them. See Schedule.
	Schedules []Schedule
	// Logger gets asynq's messages and those of failed event handlers; nil discards them.
	Logger *slog.Logger
}

// Validate reports every field that has an impossible value.
func (c Config) Validate() error {
	var problems []error
	if c.Topology != PerQueue && c.Topology != Shared {
		problems = append(problems, fmt.Errorf("topology %q is unknown: use %q or %q", c.Topology, PerQueue, Shared))
	}
	if c.Connect == nil {
		problems = append(problems, errors.New("connect is nil: set the function that makes Redis clients"))
	}
	if c.Concurrency < 0 {
		problems = append(problems, fmt.Errorf("concurrency %d is negative: use 0 for the sum of the table's figures", c.Concurrency))
	}
	if c.thrifty() {
		if c.Topology != Shared {
			problems = append(problems, fmt.Errorf("thrift %q needs the topology %q: use it, or %q", c.Thrift.Level, Shared, thrift.Off))
		}
		if err := c.Thrift.Validate(); err != nil {
			problems = append(problems, err)
		}
	}
	for _, s := range c.Schedules {
		if err := s.validate(); err != nil {
			problems = append(problems, err)
		}
	}
	for _, field := range []struct {
		name  string
		value time.Duration
	}{
		{"task check interval", c.TaskCheckInterval},
		{"delayed task check interval", c.DelayedTaskCheckInterval},
		{"shutdown timeout", c.ShutdownTimeout},
		{"retry base", c.RetryBase},
		{"retry cap", c.RetryCap},
	} {
		if field.value < 0 {
			problems = append(problems, fmt.Errorf("%s %v is negative: use 0 for the default", field.name, field.value))
		}
	}
	if len(problems) > 0 {
		return fmt.Errorf("queue: invalid configuration: %w", errors.Join(problems...))
	}
	return nil
}

// thrifty reports whether the one shared client goes through a governor.
func (c Config) thrifty() bool { return c.Thrift.Level != "" && c.Thrift.Level != thrift.Off }

// withDefaults fills in the fields left zero.
func (c Config) withDefaults() Config {
	for _, field := range []struct {
		value    *time.Duration
		fallback time.Duration
	}{
		{&c.TaskCheckInterval, DefaultTaskCheckInterval},
		{&c.DelayedTaskCheckInterval, DefaultDelayedTaskCheckInterval},
		{&c.ShutdownTimeout, DefaultShutdownTimeout},
		{&c.RetryBase, DefaultRetryBase},
		{&c.RetryCap, DefaultRetryCap},
	} {
		if *field.value == 0 {
			*field.value = field.fallback
		}
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Thrift.Logger == nil {
		c.Thrift.Logger = c.Logger
	}
	return c
}
