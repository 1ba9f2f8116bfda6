package thrift

import (
	"math"
	"strings"
)

// More keys of asynq that belong to no queue.
const (
	allQueues        = "asynq:queues"
	schedulersPrefix = allSchedulers + ":"
)

// plainCommand recognises a command that is no script by its name, its key, and what follows.
func plainCommand(name, key string, args []any) operation {
	switch name {
	case "zadd":
		return zaddOf(key, args)
	case "sadd":
		op := operation{kind: addQueue}
		if key == allQueues && len(args) == 1 && readText(args[0], &op.queue) {
			return op
		}
	case "smembers":
		if len(args) == 0 {
			return onQueue(listGroups, key, groupsKey)
		}
	case "set":
		var since int64
		if len(args) == 2 && readInteger(args[0], &since) && args[1] == "nx" {
			return onQueue(pause, key, pausedKey)
		}
	case "del":
		if len(args) == 0 {
			return onQueue(unpause, key, pausedKey)
		}
	case "publish":
		op := operation{kind: cancelJob}
		if key == cancelChannel && len(args) == 1 && readText(args[0], &op.id) {
			return op
		}
	}
	return operation{}
}

// onQueue is an operation that consists of a kind and a queue.
func onQueue(k kind, key string, part keyPart) operation {
	queue, ok := queueOf(key, part.text)
	if !ok {
		return operation{}
	}
	return operation{kind: k, queue: queue}
}

// zaddOf recognises a member of one of asynq's lists of processes, and longer leases.
func zaddOf(key string, args []any) operation {
	switch key {
	case allServers:
		return listed(listServer, serversPrefix, args)
	case allWorkers:
		return listed(listWorkers, workersPrefix, args)
	case allSchedulers:
		return listed(listScheduler, schedulersPrefix, args)
	}
	if queue, ok := queueOf(key, leaseKey.text); ok {
		return leasesOf(queue, args)
	}
	return operation{}
}

func listed(k kind, prefix string, args []any) operation {
	op := operation{kind: k}
	if len(args) != 2 || !readText(args[1], &op.member) || !isBraced(op.member, prefix) {
		return operation{}
	}
	if _, ok := args[0].(float64); !ok {
		return operation{}
	}
	return op
}

// leasesOf takes jobs that all get the same end of their lease.
func leasesOf(queue string, args []any) operation {
	if len(args) < 3 || len(args)%2 != 1 || args[0] != "xx" {
		return operation{}
	}
	score, ok := args[1].(float64)
	if !ok || score != math.Trunc(score) || math.Abs(score) >= 1<<53 {
		return operation{}
	}
	op := operation{kind: extendLease, queue: queue, at: int64(score), ids: make([]string, len(args)/2)}
	for i := range op.ids {
		pair := args[1+2*i:]
		if other, ok := pair[0].(float64); !ok || other != score || !readText(pair[1], &op.ids[i]) {
			return operation{}
		}
	}
	return op
}

// serverStateOf recognises a server's entry: the time to live, the server, and its jobs with their descriptions.
func serverStateOf(keys, args []any) operation {
	op := operation{kind: serverState}
	if len(keys) != 2 || len(args) < 2 || len(args)%2 != 0 {
		return operation{}
	}
	workers, _ := keys[1].(string)
	ok := readText(keys[0], &op.member) && isBraced(op.member, serversPrefix) && workers == workersOf(op.member) &&
		readSeconds(args[0], &op.ttl) && readBytes(args[1], &op.info)
	if !ok {
		return operation{}
	}
	if len(args) > 2 {
		op.pairs = make([]string, len(args)-2)
	}
	for i := 0; i < len(op.pairs); i += 2 {
		if !readText(args[2+i], &op.pairs[i]) || !readBytes(args[3+i], &op.pairs[i+1]) {
			return operation{}
		}
	}
	return op
}

// entriesOf recognises a scheduler's entries: the time to live, and each entry.
func entriesOf(keys, args []any) operation {
	op := operation{kind: entries}
	if len(keys) != 1 || len(args) < 1 || !readText(keys[0], &op.member) || !isBraced(op.member, schedulersPrefix) ||
		!readSeconds(args[0], &op.ttl) {
		return operation{}
	}
	if len(args) > 1 {
		op.pairs = make([]string, len(args)-1)
	}
	for i := range op.pairs {
		if !readBytes(args[1+i], &op.pairs[i]) {
			return operation{}
		}
	}
	return op
}

// isBraced says whether key is prefix and a name in braces.
func isBraced(key, prefix string) bool {
	name, ok := strings.CutPrefix(key, prefix)
	return ok && len(name) > len("{}") && name[0] == '{' && name[len(name)-1] == '}'
}
