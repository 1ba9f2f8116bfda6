package thrift

import "github.com/redis/go-redis/v9"

// ScriptName says what the script with that SHA-1 is: "asynq: dequeue" for one of asynq v0.26's, "thrift: fetch" for one of this
// package's, "" for any other.
func ScriptName(sha string) string { return scriptNames[sha] }

// kindNames are what asynq's scripts are called in reports.
var kindNames = map[kind]string{
	enqueue: "enqueue", schedule: "schedule", dequeue: "dequeue", done: "done", complete: "complete", retry: "retry", archive: "archive",
	requeue: "requeue", forward: "forward due jobs", listExpired: "list expired leases", reclaim: "reclaim aggregation sets",
	deleteExpired: "delete expired jobs", addToGroup: "add to group", aggregate: "aggregate",
}

var scriptNames = func() map[string]string {
	names := map[string]string{serverStateSHA: "asynq: write server state", entriesSHA: "asynq: write scheduler entries", recordTickSHA: "asynq: record scheduler event"}
	for sha, known := range shapes {
		names[sha] = "asynq: " + kindNames[known[0].kind]
	}
	for name, script := range map[string]*redis.Script{
		"add": addScript, "fetch": fetchScript, "finish": finishScript, "forward": forwardScript, "expire": expireScript, "expired": expiredScript,
	} {
		names[script.Hash()] = "thrift: " + name
	}
	return names
}()
