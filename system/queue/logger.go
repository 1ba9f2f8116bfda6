package queue

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/hibiken/asynq"
)

// asynqLogger passes asynq's messages to slog.
type asynqLogger struct{ logger *slog.Logger }

func (l asynqLogger) log(level slog.Level, args []any) {
	l.logger.Log(context.Background(), level, fmt.Sprint(args...))
}

func (l asynqLogger) Debug(args ...any) { l.log(slog.LevelDebug, args) }
func (l asynqLogger) Info(args ...any)  { l.log(slog.LevelInfo, args) }
func (l asynqLogger) Warn(args ...any)  { l.log(slog.LevelWarn, args) }
func (l asynqLogger) Error(args ...any) { l.log(slog.LevelError, args) }

// Fatal logs as an error and, unlike asynq's own logger, does not end the process: that is main's business.
func (l asynqLogger) Fatal(args ...any) { l.log(slog.LevelError, args) }

// level is the lowest asynq level that the logger lets through, so that asynq does not format what nobody reads.
func (l asynqLogger) level() asynq.LogLevel {
	for _, pair := range []struct {
		slog  slog.Level
		asynq asynq.LogLevel
	}{
		{slog.LevelDebug, asynq.DebugLevel},
		{slog.LevelInfo, asynq.InfoLevel},
		{slog.LevelWarn, asynq.WarnLevel},
	} {
		if l.logger.Enabled(context.Background(), pair.slog) {
			return pair.asynq
		}
	}
	return asynq.ErrorLevel
}
