package tcpredis

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/redis/go-redis/v9"
)

// LogTo sends go-redis' own messages (dials that failed, connections thrown
// away) to logger, as warnings. go-redis has one logger for the whole process,
// which prints to standard error until it is replaced: call LogTo once, in main.
func LogTo(logger *slog.Logger) { redis.SetLogger(bridge{logger}) }

// bridge is go-redis' logging interface over slog.
type bridge struct{ logger *slog.Logger }

// Printf is what go-redis calls.
func (b bridge) Printf(ctx context.Context, format string, args ...any) {
	if b.logger.Enabled(ctx, slog.LevelWarn) {
		b.logger.WarnContext(ctx, fmt.Sprintf(format, args...))
	}
}
