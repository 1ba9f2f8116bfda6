package benchthrift

import (
	"context"

	"tollgate/fakes/memnet"
	"tollgate/fakes/upstash"
)

// target is a Redis that counts.
type target interface {
	place() place
	// counts are the billed commands since its start.
	counts(ctx context.Context) (counts, error)
	// open is how many connections there are.
	open(ctx context.Context) (int, error)
	// watch follows the number of open connections until stop, which returns the most.
	watch(ctx context.Context) (stop func() (int, error))
	close() error
}

// counts are billed commands by name, those inside scripts among them.
type counts map[string]int64

func (c counts) total() (n int64) {
	for _, times := range c {
		n += times
	}
	return n
}

func (c counts) minus(earlier counts) counts {
	diff := counts{}
	for name, times := range c {
		diff[name] = times - earlier[name]
	}
	return diff
}

// asynqIdle is how much of what plain asynq sent had nothing to do with the jobs that it did: looks at queues that were
// empty, at due jobs, at leases and retentions, its heartbeats, its servers' goodbyes, and an EVALSHA
// before the first EVAL of each script in these: those of jobs are known to Redis by then.
func (c counts) asynqIdle(jobs, servers int) int64 {
	const (
		emptyLook = 3 // EVALSHA, EXISTS, RPOPLPUSH
		dueLook   = 2 // EVALSHA, ZRANGEBYSCORE: scheduled, retried, lease over, retention over; aggregation has one more
		heartbeat = 6 // ZADD, ZADD, EVALSHA, SETEX, DEL, EXPIRE
		goodbye   = 5 // ZREM, ZREM, EVALSHA, DEL, DEL
	)
	return emptyLook*(c["RPOPLPUSH"]-int64(jobs)) + dueLook*c["ZRANGEBYSCORE"] + c["ZREMRANGEBYSCORE"] +
		heartbeat*c["SETEX"] + goodbye*int64(servers) + c["EVAL"]
}

// fakeTarget is the fake Upstash with its embedded engine: its ledger counts.
type fakeTarget struct {
	server  *upstash.Server
	network memnet.Network
	closer  func() error // of the network
}

// newFakeTarget starts a fake on a network in memory.
func newFakeTarget(ctx context.Context) (*fakeTarget, error) {
	network := memnet.New()
	server, err := upstash.Start(ctx, upstash.Config{Network: network, RESPAddr: "127.0.0.1:0"})
	if err != nil {
		return nil, err
	}
	return &fakeTarget{server: server, network: network, closer: network.Close}, nil
}

func (f *fakeTarget) place() place { return place{network: f.network, address: f.server.RESPAddr()} }

func (f *fakeTarget) counts(context.Context) (counts, error) {
	billed := counts{}
	for name, c := range f.server.Ledger().Snapshot().ByCommand {
		if c.Billed > 0 {
			billed[name] = c.Billed
		}
	}
	return billed, nil
}

func (f *fakeTarget) open(context.Context) (int, error) {
	return int(f.server.Ledger().Snapshot().Connections.Open), nil
}

func (f *fakeTarget) watch(context.Context) (stop func() (int, error)) {
	f.server.Ledger().ResetPeaks()
	return func() (int, error) { return int(f.server.Ledger().Snapshot().Connections.Peak), nil }
}

func (f *fakeTarget) close() error {
	err := f.server.Close()
	if closeErr := f.closer(); err == nil {
		err = closeErr
	}
	return err
}

// total is all that was billed since the start.
func (f *fakeTarget) total() int64 { return f.server.Ledger().Snapshot().Total.Billed }
