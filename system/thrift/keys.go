package thrift

import "strings"

// keys are a queue's keys, as asynq v0.26.0 names them (internal/base). All of them are in one slot of a Redis Cluster.
type keys struct {
	name string

	pending, paused, active, lease         string
	scheduled, retry, completed, archived  string
	groups, sets                           string // names of groups, aggregation sets
	taskPrefix, groupPrefix, counterPrefix string
}

const (
	keyPrefix     = "asynq:"
	serversPrefix = "asynq:servers:"
	workersPrefix = "asynq:workers:"
	allServers    = "asynq:servers"
	allWorkers    = "asynq:workers"
	allSchedulers = "asynq:schedulers"
)

func keysOf(name string) keys {
	prefix := keyPrefix + "{" + name + "}:"
	return keys{
		name:    name,
		pending: prefix + "pending", paused: prefix + "paused", active: prefix + "active", lease: prefix + "lease",
		scheduled: prefix + "scheduled", retry: prefix + "retry", completed: prefix + "completed", archived: prefix + "archived",
		groups: prefix + "groups", sets: prefix + "aggregation_sets",
		taskPrefix: prefix + "t:", groupPrefix: prefix + "g:", counterPrefix: prefix,
	}
}

// workersOf is the key of the running jobs of the server that a key describes.
func workersOf(server string) string {
	return workersPrefix + strings.TrimPrefix(server, serversPrefix)
}
