package thrift

import (
	"context"
	"strings"
	"sync"

	"github.com/redis/go-redis/v9"
)

const (
	// historyPrefix begins the keys of the records that schedulers keep of the jobs they added.
	historyPrefix = "asynq:scheduler_history:"
	// historyLength is how many records asynq keeps of each schedule.
	historyLength = 1000
	// trimEvery is how many records come between two trims of a schedule's.
	trimEvery = 100
)

// histories counts the records of each schedule of this process.
type histories struct {
	mu    sync.Mutex
	ticks map[string]int
}

// tick counts one and says whether it is time to trim.
func (h *histories) tick(key string) (trim bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.ticks == nil {
		h.ticks = map[string]int{}
	}
	h.ticks[key]++
	return h.ticks[key]%trimEvery == 0
}

// recordTickOf recognises a scheduler's record of a job that it added: when, and the record.
func recordTickOf(keys, args []any) operation {
	op := operation{kind: recordTick}
	if len(keys) != 1 || len(args) != 3 || !readText(keys[0], &op.member) || !isHistory(op.member) ||
		!readInteger(args[0], &op.at) || !readBytes(args[1], &op.info) || args[2] != historyLength {
		return operation{}
	}
	return op
}

// isHistory says whether key is that of a schedule's records.
func isHistory(key string) bool {
	return len(key) > len(historyPrefix) && strings.HasPrefix(key, historyPrefix)
}

// recordTick keeps a record with a plain command. asynq trims at each record; here up to trimEvery more are kept. What a reader
// sees of them is the newest anyway.
func (g *Governor) recordTick(ctx context.Context, cmd redis.Cmder, op *operation) error {
	pipe := g.redis.Pipeline()
	if g.histories.tick(op.member) {
		pipe.ZRemRangeByRank(ctx, op.member, 0, -historyLength)
	}
	pipe.ZAdd(ctx, op.member, redis.Z{Score: float64(op.at), Member: op.info})
	if err := exec(ctx, pipe, "record of a scheduled job"); err != nil {
		return err
	}
	return reply(cmd, "OK")
}
