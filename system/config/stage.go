package config

// Stage is one configuration of the same service. Rollback is choosing an
// earlier one.
type Stage string

// The stages, oldest first. Each later one keeps what the earlier ones bring.
const (
	// StageLegacy uses TCP for everything and one connection set per queue.
	StageLegacy Stage = "legacy"
	// StagePhase1 moves cache and limiters to REST, with their lean forms.
	StagePhase1 Stage = "phase1"
	// StagePhase2 adds the shared worker set, one connection set for all queues,
	// under thrift.
	StagePhase2 Stage = "phase2"
	// StagePhase3 adds deduplication of jobs.
	StagePhase3 Stage = "phase3"
)

// Stages returns every stage, oldest first.
func Stages() []Stage { return []Stage{StageLegacy, StagePhase1, StagePhase2, StagePhase3} }

// Transport is how the cache and the limiters reach Redis.
type Transport string

// The transports.
const (
	TransportTCP  Transport = "tcp"
	TransportREST Transport = "rest"
)

// Transports returns every transport.
func Transports() []Transport { return []Transport{TransportTCP, TransportREST} }

// WorkerSet is how queues and workers use connections.
type WorkerSet string

// The worker sets.
const (
	// WorkerSetPerQueue gives each queue its own client, server and subscriber.
	WorkerSetPerQueue WorkerSet = "per-queue"
	// WorkerSetShared runs all queues over one connection set.
	WorkerSetShared WorkerSet = "shared"
)

// WorkerSets returns every worker set.
func WorkerSets() []WorkerSet { return []WorkerSet{WorkerSetPerQueue, WorkerSetShared} }

// ThriftLevel says how much of the queues' traffic to Redis is saved; system/thrift
// describes the levels.
type ThriftLevel string

// The levels of thrift, least first.
const (
	// ThriftOff sends everything that asynq sends.
	ThriftOff ThriftLevel = "off"
	// ThriftQuiet saves the traffic of idle queues.
	ThriftQuiet ThriftLevel = "quiet"
	// ThriftLean adds cheaper scripts.
	ThriftLean ThriftLevel = "lean"
	// ThriftFull adds batches, jobs fetched ahead and jobs started where they were
	// enqueued.
	ThriftFull ThriftLevel = "full"
)

// ThriftLevels returns every level of thrift, least first.
func ThriftLevels() []ThriftLevel {
	return []ThriftLevel{ThriftOff, ThriftQuiet, ThriftLean, ThriftFull}
}

// Sizes of the TCP pools of the key-value components. They are fixed: all of a
// pool's connections are opened at start and kept. With the 33 connections of
// the per-queue worker set they make the 45 of the legacy service.
const (
	DefaultCachePool     = 5
	DefaultRateLimitPool = 6
	DefaultSMSPool       = 1
)

// Pools holds the number of TCP connections of each key-value component. All
// are 0 when these components use REST.
type Pools struct {
	Cache, RateLimit, SMS int
}

// StagePlan is a stage resolved, with overrides applied: the choices that the
// composition root has to make.
type StagePlan struct {
	// Stage is the stage the plan was made from.
	Stage Stage
	// KV is the transport of the cache and of both limiters.
	KV Transport
	// WorkerSet is how queues and workers use connections.
	WorkerSet WorkerSet
	// Thrift is how much of the queues' traffic is saved.
	Thrift ThriftLevel
	// LeanLimiter selects the limiter with fewer billed commands.
	LeanLimiter bool
	// LeanCache turns on single flight, gathered reads and the near cache.
	LeanCache bool
	// Sole makes the near cache and the limiters of one process answer from memory
	// alone.
	Sole bool
	// Deduplicate makes jobs unique where the queue's options say so.
	Deduplicate bool
	// Pools are the sizes of the TCP pools of the key-value components.
	Pools Pools
}

// UsesREST reports whether the plan needs the REST endpoint.
func (p StagePlan) UsesREST() bool { return p.KV == TransportREST }

// Plan resolves the stage and its overrides. The configuration must be valid:
// an unknown stage is planned as the legacy one.
func (c Config) Plan() StagePlan {
	p := StagePlan{Stage: c.Stage, KV: TransportTCP, WorkerSet: WorkerSetPerQueue, Thrift: ThriftOff}
	switch c.Stage {
	case StagePhase3:
		p.Deduplicate = true
		fallthrough
	case StagePhase2:
		p.WorkerSet, p.Thrift = WorkerSetShared, ThriftFull
		fallthrough
	case StagePhase1:
		p.KV, p.LeanLimiter, p.LeanCache = TransportREST, true, true
	case StageLegacy:
	}
	p.Sole = c.SoleProcess && p.LeanCache && p.LeanLimiter
	if c.KVTransport != "" {
		p.KV = c.KVTransport
	}
	if c.WorkerSet != "" {
		p.WorkerSet = c.WorkerSet
	}
	if p.WorkerSet == WorkerSetPerQueue { // thrift governs one shared client
		p.Thrift = ThriftOff
	}
	if c.Thrift.Level != "" {
		p.Thrift = c.Thrift.Level
	}
	if p.KV == TransportTCP {
		p.Pools = Pools{Cache: DefaultCachePool, RateLimit: DefaultRateLimitPool, SMS: DefaultSMSPool}
	}
	return p
}
