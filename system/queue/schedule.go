package queue

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
	"github.com/robfig/cron/v3"
)

// Schedule has the factory add a job at times of the calendar, by asynq's scheduler.
//
// asynq's schedulers do not know of each other: of all processes exactly one should have the schedules. While a rolling restart
// has two of them, a job that is due then is added twice; when the old one has ended before the new one starts, a job that was due
// between is not added at all.
type Schedule struct {
	Queue Name `json:"queue"`
	// Spec is a cron expression of five fields, in UTC.
	Spec string `json:"spec"`
	// Payload is that of each of its jobs; see Queue.Enqueue.
	Payload json.RawMessage `json:"payload"`
}

// scheduleFields is the form of Spec.
var scheduleFields = cron.NewParser(cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow)

func (s Schedule) validate() error {
	var problems []error
	if _, err := Lookup(string(s.Queue)); err != nil {
		problems = append(problems, err)
	}
	if strings.Contains(s.Spec, "=") { // TZ=..., which the parser of asynq's scheduler does not always survive
		problems = append(problems, fmt.Errorf("%q names a time zone: schedules are in UTC", s.Spec))
	} else if _, err := scheduleFields.Parse(s.Spec); err != nil {
		problems = append(problems, fmt.Errorf("%q is no cron expression of five fields, such as \"0 9 * * *\": %w", s.Spec, err))
	}
	if !json.Valid(s.Payload) {
		problems = append(problems, errors.New("the payload is not JSON"))
	}
	if len(s.Payload) > MaxPayload {
		problems = append(problems, fmt.Errorf("%w: %d bytes are more than %d", ErrPayload, len(s.Payload), MaxPayload))
	}
	if len(problems) > 0 {
		return fmt.Errorf("schedule of queue %s: %w", s.Queue, errors.Join(problems...))
	}
	return nil
}

// newSchedulerLocked makes the scheduler of the schedules whose queues were created; nil without any. It uses a connection that is
// there: the shared one, or that of the first scheduled queue's producer.
func (f *Factory) newSchedulerLocked() (*asynq.Scheduler, error) {
	schedules := slices.DeleteFunc(slices.Clone(f.cfg.Schedules), func(s Schedule) bool { return f.queues[s.Queue] == nil })
	if len(schedules) == 0 {
		return nil, nil
	}
	logger := schedulerLogger{asynqLogger{f.cfg.Logger}}
	scheduler := asynq.NewSchedulerFromRedisClient(f.schedulerClientLocked(schedules[0].Queue), &asynq.SchedulerOpts{
		Location: time.UTC, Logger: logger, LogLevel: logger.level(),
		PostEnqueueFunc: func(info *asynq.TaskInfo, err error) { // errors are told of below, with what they are about
			if err == nil {
				f.bus.publish(Event{Kind: Added, Queue: Name(info.Queue), JobID: info.ID, At: time.Now(), Payload: info.Payload})
			}
		},
		//nolint:staticcheck // what should replace it does not say which job it was
		EnqueueErrorHandler: func(task *asynq.Task, _ []asynq.Option, err error) {
			if errors.Is(err, asynq.ErrDuplicateTask) {
				return // the one before is still there, which is what Deduplicate is for
			}
			f.cfg.Logger.Error("a scheduled job could not be added", "queue", task.Type(), "error", err)
			f.bus.publish(Event{Kind: Missed, Queue: Name(task.Type()), Err: err, At: time.Now(), Payload: task.Payload()})
		},
	})
	for _, s := range schedules {
		options := f.queues[s.Queue].scheduledOptions()
		if _, err := scheduler.Register(s.Spec, asynq.NewTask(string(s.Queue), s.Payload), options...); err != nil {
			return nil, fmt.Errorf("schedule of queue %s: %w", s.Queue, err)
		}
	}
	return scheduler, nil
}

// schedulerLogger leaves out what asynq's scheduler says at every end: that it may not close a client that is shared.
type schedulerLogger struct{ asynqLogger }

func (l schedulerLogger) Error(args ...any) {
	if !strings.Contains(fmt.Sprint(args...), "connection is shared") {
		l.asynqLogger.Error(args...)
	}
}

func (f *Factory) schedulerClientLocked(first Name) redis.UniversalClient {
	if f.governor != nil {
		return f.governor.SchedulerClient()
	}
	return f.clients[f.cfg.pool(first, "client").Component]
}
