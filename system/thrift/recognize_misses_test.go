package thrift

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// retyped is a value in the other types in which asynq passes arguments. Integers of both types are as good.
func retyped(value any) []any {
	others := []any{"1", []byte("1"), int64(1), 1.0, true}
	return slices.DeleteFunc(others, func(other any) bool { return sameType(value, other) })
}

func TestArgumentsOfOtherTypesPassThrough(t *testing.T) {
	for _, e := range examples() {
		if e.want.kind == inspect { // needs a key only
			continue
		}
		t.Run(e.name, func(t *testing.T) {
			for i := range e.args {
				for _, other := range retyped(e.args[i]) {
					args := slices.Clone(e.args)
					args[i] = other
					require.Containsf(t, []kind{unknown, inspect}, recognize(command(args...)).kind, "argument %d as %T: %v", i, other, args)
				}
			}
		})
	}
}

func TestTextThatIsNotUTF8IsKept(t *testing.T) {
	for _, id := range []string{"\xff", "a\x00b", "}:pending", "{", ":", fmt.Sprint("asynq:{", testQueue, "}:t:")} {
		args := evalsha("f34cbfd11d1fc8019af55b50c447fc68eb8b29e5", []string{"active", "lease", "pending", "t:" + id}, id)
		require.Equal(t, operation{kind: requeue, queue: testQueue, id: id}, recognize(command(args...)))
	}
}

// Keys of two queues in one command are never asynq's, even if both queues' names are equally long.
func TestKeysOfTwoQueuesPassThrough(t *testing.T) {
	other := keysOf(strings.Repeat("q", len(testQueue))).counterPrefix
	for _, e := range examples() {
		if e.args[0] != "evalsha" || e.args[2] == 1 || e.want.kind == inspect {
			continue
		}
		for i := range e.args[2].(int) {
			key := e.args[3+i].(string)
			rest, ok := strings.CutPrefix(key, testPrefix)
			if !ok {
				continue
			}
			args := slices.Clone(e.args)
			args[3+i] = other + rest
			require.Containsf(t, []kind{unknown, inspect}, recognize(command(args...)).kind, "%s: %v", e.name, args)
		}
	}
}

func TestNearMissesPassThrough(t *testing.T) {
	for _, test := range []struct {
		name, example string
		place         int
		value         any
	}{
		{"two days of counters", "retry", 8, testPrefix + "failed:2023-11-15"},
		{"a day with one digit more", "done", 6, testPrefix + "processed:2023-11-140"},
		{"a day of letters", "done", 6, testPrefix + "processed:2023-11-1a"},
		{"a day without hyphens", "done", 6, testPrefix + "processed:2023011114"},
		{"no day", "done", 6, testPrefix + "processed:"},
		{"a lock without a name", "enqueue unique", 3, testPrefix + "unique:"},
		{"another job's hash", "requeue", 6, testPrefix + "t:id2"},
		{"another group's key", "add to group", 4, testPrefix + "g:g:2"},
		{"an aggregation set of another group", "aggregate", 4, testPrefix + "g:g:2:6ba7b812"},
		{"an aggregation set without an ID", "aggregate", 4, testPrefix + "g:g:1:"},
		{"an aggregation set whose ID does not begin", "aggregate", 4, testPrefix + "g:g:16ba7b812"},
		{"another end of the counters", "done", 10, int64(math.MaxInt64 - 1)},
		{"another prefix of hashes", "dequeue", 8, testPrefix + "g:"},
		{"a time to live below zero", "server state", 5, -1.0},
		{"a time to live that is not a number", "server state", 5, math.NaN()},
		{"another server's jobs", "server state", 4, "asynq:workers:{host:2:6ba7b810}"},
		{"a server without a name", "list server", 3, "asynq:servers:{}"},
		{"workers among the servers", "list server", 3, testWorker},
		{"records of no schedule", "record of a tick", 3, "asynq:scheduler_history:"},
		{"another number of records", "record of a tick", 6, 999},
		{"a pause that replaces one", "pause", 3, "xx"},
		{"leases that are added", "extend lease", 2, "nx"},
	} {
		t.Run(test.name, func(t *testing.T) {
			all := examples()
			i := slices.IndexFunc(all, func(e example) bool { return e.name == test.example })
			args := slices.Clone(all[i].args)
			require.IsType(t, args[test.place], test.value, "the place is wrong")
			args[test.place] = test.value
			require.Containsf(t, []kind{unknown, inspect}, recognize(command(args...)).kind, "%v", args)
		})
	}
}
