package upstash

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"tollgate/fakes/upstash/commands"
	"tollgate/fakes/upstash/engine"
)

const (
	// easesAfter is how long the refusal of a write stands before the data is
	// measured again, for some of it may have expired: 1 second. After a deletion,
	// each refusal is checked for as long.
	easesAfter = time.Second
	// measureShare keeps measuring to one part in so many of the time.
	measureShare = 20
	// minTrouble is what a measurement that failed counts as having taken, so that the
	// next one is not at once.
	minTrouble = time.Second
	// measureTimeout bounds one measurement.
	measureTimeout = 10 * time.Second
)

// capacity holds writes to the sizes of a plan: that of all data and that of one
// record. It measures the data only when what was written since the last time could
// have passed a size. A nil capacity lets everything through.
type capacity struct {
	data, record int64 // the plan's; 0 means any
	measure      func() (engine.Usage, error)
	log          *slog.Logger

	seen      atomic.Pointer[measured]
	added     atomic.Int64 // bytes that writes may have added since
	deletedAt atomic.Int64 // Unix nanoseconds

	measuring sync.Mutex
}

// measured is what a measurement found.
type measured struct {
	engine.Usage
	at   time.Time
	took time.Duration
}

// newCapacity measures what the engine holds already, if it may be measured, until
// starting ends. What is measured later ends with running.
func newCapacity(starting, running context.Context, cfg Config) *capacity {
	if cfg.Plan.DataBytes == 0 && cfg.Plan.MaxRecordBytes == 0 {
		return nil
	}
	if _, free := cfg.Engine.(engine.Sizer); !free && !cfg.MeasureEngine {
		cfg.Logger.Info("upstash: the plan's limits of data and records are not kept, for this engine does not measure itself; " +
			"set Config.MeasureEngine if it may be measured by commands")
		return nil
	}
	c := &capacity{data: cfg.Plan.DataBytes, record: cfg.Plan.MaxRecordBytes, log: cfg.Logger}
	c.seen.Store(&measured{})
	c.measure = measureUntil(starting, cfg)
	c.again(c.seen.Load())
	c.measure = measureUntil(running, cfg)
	return c
}

// measureUntil makes what measures the engine, until ctx ends at the latest.
func measureUntil(ctx context.Context, cfg Config) func() (engine.Usage, error) {
	return func() (engine.Usage, error) {
		ctx, cancel := context.WithTimeout(ctx, measureTimeout)
		defer cancel()
		return engine.Measure(ctx, cfg.Engine, cfg.Plan.MaxRecordBytes)
	}
}

// refuse says why a command may not run; "" means that it may, and what it can add
// is counted.
func (c *capacity) refuse(cmd commands.Command, args [][]byte) string {
	if c == nil || !cmd.Write || !cmd.Accepts(len(args)) {
		return ""
	}
	if cmd.Deletes {
		c.deletedAt.Store(time.Now().UnixNano())
		return ""
	}
	now := c.seen.Load()
	if c.mayHavePassed(now) {
		now = c.again(now)
	}
	refusal := c.verdict(now, cmd, args)
	if refusal != "" && c.mayHaveEased(now) {
		refusal = c.verdict(c.again(now), cmd, args)
	}
	if refusal == "" {
		c.added.Add(growth(cmd.Name, args, c.largest(now)))
	}
	return refusal
}

// inner counts what a script's command can add; it cannot be refused any more. It
// must not measure, for the engine is busy with the script.
func (c *capacity) inner(name string, args []string) {
	if c == nil {
		return
	}
	words := words(name, args)
	switch cmd, _ := commands.Lookup(words); {
	case !cmd.Accepts(len(words)):
	case cmd.Deletes:
		c.deletedAt.Store(time.Now().UnixNano())
	case cmd.Write:
		c.added.Add(growth(cmd.Name, words, c.largest(c.seen.Load())))
	}
}

// verdict is what a measurement means for a write.
func (c *capacity) verdict(now *measured, cmd commands.Command, args [][]byte) string {
	if c.full(now) {
		return fmt.Sprintf(textDataFull, c.data, now.Bytes)
	}
	if len(now.Over) == 0 || runsScript(cmd.Name) { // a script may only read the keys it names
		return ""
	}
	for key := range cmd.Keys(args) {
		if now.Over[string(key)] {
			return textRecordFull
		}
	}
	return ""
}

func (c *capacity) full(now *measured) bool { return c.data > 0 && now.Bytes > c.data }

// largest is the most that a record within the limit can have grown to.
func (c *capacity) largest(now *measured) int64 { return now.Largest + c.added.Load() }

// mayHavePassed says whether a size may have been passed since a measurement.
func (c *capacity) mayHavePassed(now *measured) bool {
	added := c.added.Load()
	return c.data > 0 && !c.full(now) && now.Bytes+added > c.data ||
		c.record > 0 && now.Largest+added > c.record
}

// mayHaveEased says whether what a measurement refuses may be allowed now.
func (c *capacity) mayHaveEased(now *measured) bool {
	return time.Since(now.at) >= easesAfter || time.Since(time.Unix(0, c.deletedAt.Load())) < easesAfter
}

// again measures, unless someone else does or it would take too much of the time;
// the last result then has to do.
func (c *capacity) again(last *measured) *measured {
	if !c.measuring.TryLock() {
		return last
	}
	defer c.measuring.Unlock()
	if last = c.seen.Load(); time.Since(last.at) < measureShare*last.took {
		return last
	}
	began, before := time.Now(), c.added.Load()
	usage, err := c.measure()
	now := &measured{Usage: usage, at: time.Now(), took: time.Since(began)}
	if err != nil {
		c.log.Warn("upstash: the size of the data is not known, so its limits are not kept", "error", err)
		now.Usage, now.took, before = last.Usage, max(now.took, minTrouble), 0
	}
	c.seen.Store(now)
	c.added.Add(-before)
	return now
}
