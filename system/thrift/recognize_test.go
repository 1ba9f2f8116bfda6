package thrift

import (
	"context"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
)

// example is a command as asynq v0.26.0 sends it, and its meaning.
type example struct {
	name string
	args []any
	want operation
}

// The parts of the examples. The queue's name looks like parts of keys.
const (
	testQueue  = "a}:pending{:b"
	testPrefix = "asynq:{" + testQueue + "}:"
	testLock   = testPrefix + "unique:mail:d41d8cd98f00b204e9800998ecf8427e"
	testServer = "asynq:servers:{host:1:6ba7b810}"
	testWorker = "asynq:workers:{host:1:6ba7b810}"
	testCron   = "asynq:schedulers:{host:1:6ba7b811}"

	testRecords = "asynq:scheduler_history:6ba7b813"
)

var testMsg = []byte{0x0a, 0x00, 0xff}

func evalsha(sha string, keys []string, args ...any) []any {
	all := []any{"evalsha", sha, len(keys)}
	for _, key := range keys {
		if !strings.HasPrefix(key, keyPrefix) {
			key = testPrefix + key
		}
		all = append(all, key)
	}
	return append(all, args...)
}

func examples() []example {
	msg := string(testMsg)
	const (
		at    = int64(1_700_000_000)
		nanos = at * 1_000_000_000
		end   = at + 90*24*3600
		most  = int64(math.MaxInt64)
		day   = "2023-11-14"
	)
	over := []string{"active", "lease", "t:id", "processed:" + day, "processed"}
	kept := []string{"active", "lease", "completed", "t:id", "processed:" + day, "processed"}
	overOp := operation{kind: done, queue: testQueue, id: "id", statsEnd: end, day: day}
	keptOp := operation{kind: complete, queue: testQueue, id: "id", msg: msg, at: at, statsEnd: end, day: day}
	locked := func(op operation, ttl int64) operation {
		op.uniqueKey, op.uniqueTTL = testLock, ttl
		return op
	}
	with := func(keys []string, more ...string) []string { return append(slices.Clone(keys), more...) }
	return []example{
		{
			"enqueue", evalsha("98d28b42650870a743450ffda9791e9e19c6991b", []string{"t:id", "pending"}, testMsg, "id", nanos),
			operation{kind: enqueue, queue: testQueue, id: "id", msg: msg, nanos: nanos},
		},
		{
			"enqueue unique", evalsha("297b3f9abfd963a3316434ef9d88fc5bf8a7ddc3", []string{testLock, "t:id", "pending"}, "id", 60, testMsg, nanos),
			locked(operation{kind: enqueue, queue: testQueue, id: "id", msg: msg, nanos: nanos}, 60),
		},
		{
			"schedule", evalsha("8ce6b38a99b73194585c251eb3c2a89559f37a87", []string{"t:id", "scheduled"}, testMsg, at, "id"),
			operation{kind: schedule, queue: testQueue, id: "id", msg: msg, at: at},
		},
		{
			"schedule unique", evalsha("e9b8aa859a976a1fce09eaf723b4fccd02ba799e", []string{testLock, "t:id", "scheduled"}, "id", 60, at, testMsg),
			locked(operation{kind: schedule, queue: testQueue, id: "id", msg: msg, at: at}, 60),
		},
		{
			"add to group", evalsha("074af2c5a4623800684c1b0e4e328c2500f06815", []string{"t:id", "g:g:1", "groups"}, testMsg, "id", at, "g:1"),
			operation{kind: addToGroup, queue: testQueue, id: "id", msg: msg, at: at},
		},
		{
			"add to group unique", evalsha("deeb77b98fd021a8a0279d8e7dd11a8a4546611a", []string{"t:id", "g:g:1", "groups", testLock}, testMsg, "id", at, "g:1", 60),
			locked(operation{kind: addToGroup, queue: testQueue, id: "id", msg: msg, at: at}, 60),
		},
		{
			"dequeue", evalsha("a8153319360adc71cdc370107f8ab9786f204765", []string{"pending", "paused", "active", "lease"}, at, testPrefix+"t:"),
			operation{kind: dequeue, queue: testQueue, at: at},
		},
		{"done", evalsha("1241eaa1c73409baaf1fea0c08d203a4911bda15", over, "id", end, most), overOp},
		{"done unique", evalsha("a2631c71357a54b4c3e7450b1757e7f3f49d6c81", with(over, testLock), "id", end, most), locked(overOp, 0)},
		{"complete", evalsha("117dca952700588e559c7ace20b925096d587974", kept, "id", end, at, testMsg, most), keptOp},
		{"complete unique", evalsha("ce6833ccce362a8c0ee53beee413341daf52e39c", with(kept, testLock), "id", end, at, testMsg, most), locked(keptOp, 0)},
		{
			"retry", evalsha("65fa409c88198a681c53e0892d8276eca0145694",
				[]string{"t:id", "active", "lease", "retry", "processed:" + day, "failed:" + day, "processed", "failed"}, "id", testMsg, at, end, true, most),
			operation{kind: retry, queue: testQueue, id: "id", msg: msg, at: at, statsEnd: end, day: day, failure: true},
		},
		{
			"archive", evalsha("9c3b1eb9947ce2ee5304ac013a0a365ec364fd2d",
				[]string{"t:id", "active", "lease", "archived", "processed:" + day, "failed:" + day, "processed", "failed", "t:"}, "id", testMsg, at, at-1, 10000, end, most),
			operation{kind: archive, queue: testQueue, id: "id", msg: msg, at: at, cutoff: at - 1, keep: 10000, statsEnd: end, day: day},
		},
		{
			"requeue", evalsha("f34cbfd11d1fc8019af55b50c447fc68eb8b29e5", []string{"active", "lease", "pending", "t:id"}, "id"),
			operation{kind: requeue, queue: testQueue, id: "id"},
		},
		{
			"forward scheduled", evalsha("522b1a6ae66fe79ea2f24a9af58798ab71879035", []string{"scheduled", "pending"}, at, testPrefix+"t:", nanos, testPrefix+"g:"),
			operation{kind: forward, queue: testQueue, at: at, nanos: nanos},
		},
		{
			"forward retried", evalsha("522b1a6ae66fe79ea2f24a9af58798ab71879035", []string{"retry", "pending"}, at, testPrefix+"t:", nanos, testPrefix+"g:"),
			operation{kind: forward, queue: testQueue, at: at, nanos: nanos, retried: true},
		},
		{
			"list expired", evalsha("16988a462595f6ee317be300951533b004f27f5c", []string{"lease"}, at, testPrefix+"t:"),
			operation{kind: listExpired, queue: testQueue, at: at},
		},
		{
			"reclaim", evalsha("7c08714194a1ed81153180b36590c51f1ccd7d42", []string{"aggregation_sets"}, at),
			operation{kind: reclaim, queue: testQueue, at: at},
		},
		{
			"delete expired", evalsha("49c4326d80c1db9c476da2aa7f4438d03688f82b", []string{"completed"}, at, testPrefix+"t:", 100),
			operation{kind: deleteExpired, queue: testQueue, at: at, limit: 100},
		},
		{
			"aggregate", evalsha("a3812898e6caa8ef58d4cda34cd41a1023157e43", []string{"g:g:1", "g:g:1:6ba7b812", "aggregation_sets", "groups"},
				5, int64(0), int64(60), at+120, at, "g:1"),
			operation{kind: aggregate, queue: testQueue},
		},
		{
			"server state", evalsha(serverStateSHA, []string{testServer, testWorker}, 10.0, testMsg),
			operation{kind: serverState, member: testServer, ttl: 10, info: msg},
		},
		{
			"server state with jobs", evalsha(serverStateSHA, []string{testServer, testWorker}, 10.0, testMsg, "id", testMsg, "id2", []byte("w")),
			operation{kind: serverState, member: testServer, ttl: 10, info: msg, pairs: []string{"id", msg, "id2", "w"}},
		},
		{
			"entries", evalsha(entriesSHA, []string{testCron}, 20.0, testMsg, []byte("e")),
			operation{kind: entries, member: testCron, ttl: 20, pairs: []string{msg, "e"}},
		},
		{"no entries", evalsha(entriesSHA, []string{testCron}, 20.0), operation{kind: entries, member: testCron, ttl: 20}},
		{
			"record of a tick", evalsha(recordTickSHA, []string{testRecords}, at, testMsg, 1000),
			operation{kind: recordTick, member: testRecords, at: at, info: msg},
		},
		{
			"extend lease",
			[]any{"zadd", testPrefix + "lease", "xx", float64(at), "id", float64(at), "id2"},
			operation{kind: extendLease, queue: testQueue, at: at, ids: []string{"id", "id2"}},
		},
		{"list server", []any{"zadd", "asynq:servers", float64(at), testServer}, operation{kind: listServer, member: testServer}},
		{"list workers", []any{"zadd", "asynq:workers", float64(at), testWorker}, operation{kind: listWorkers, member: testWorker}},
		{"list scheduler", []any{"zadd", "asynq:schedulers", float64(at), testCron}, operation{kind: listScheduler, member: testCron}},
		{"add queue", []any{"sadd", "asynq:queues", testQueue}, operation{kind: addQueue, queue: testQueue}},
		{"list groups", []any{"smembers", testPrefix + "groups"}, operation{kind: listGroups, queue: testQueue}},
		{"pause", []any{"set", testPrefix + "paused", at, "nx"}, operation{kind: pause, queue: testQueue}},
		{"unpause", []any{"del", testPrefix + "paused"}, operation{kind: unpause, queue: testQueue}},
		{"cancel", []any{"publish", "asynq:cancel", "id"}, operation{kind: cancelJob, id: "id"}},
		{
			"inspector's run", evalsha("2fb646810e3433bbe85fba1a6b407eb3eced7b63", []string{"t:id", "pending", "groups"}, "id", testPrefix, testPrefix+"g:"),
			operation{kind: inspect, queue: testQueue},
		},
	}
}

func command(args ...any) redis.Cmder { return redis.NewCmd(context.Background(), args...) }

func TestEveryKindIsRecognized(t *testing.T) {
	seen := map[kind]bool{unknown: true}
	for _, e := range examples() {
		t.Run(e.name, func(t *testing.T) {
			require.Equal(t, e.want, recognize(command(e.args...)))
		})
		seen[e.want.kind] = true
	}
	for k := unknown; k <= inspect; k++ {
		require.Truef(t, seen[k], "no example of kind %d", k)
	}
}

// freeText says whether an argument is a text that is read, not compared.
func freeText(e example, i int) bool {
	switch e.want.kind {
	case addQueue, cancelJob:
		return i == 2
	case extendLease:
		return i == 4 || i == 6
	case serverState:
		return i > 5
	}
	return false
}

// freeEnd says whether an argument is a key whose end is not compared.
func freeEnd(key string) bool {
	return key == testLock || key == testRecords || strings.HasPrefix(key, testPrefix+"g:g:1:")
}

func TestOtherShapesPassThrough(t *testing.T) {
	for _, e := range examples() {
		if e.want.kind == inspect {
			continue
		}
		t.Run(e.name, func(t *testing.T) {
			refused := func(why string, args []any) {
				t.Helper()
				require.Containsf(t, []kind{unknown, inspect}, recognize(command(args...)).kind, "%s: %v", why, args)
			}
			if !slices.Contains([]kind{extendLease, serverState, entries}, e.want.kind) {
				refused("one more", append(slices.Clone(e.args), "x"))
				refused("one less", e.args[:len(e.args)-1])
			}
			for i := range e.args {
				for _, other := range []any{nil, int8(1), []string{"x"}, struct{}{}} {
					args := slices.Clone(e.args)
					args[i] = other
					refused("other type", args)
				}
				text, ok := e.args[i].(string)
				if !ok || freeText(e, i) {
					continue
				}
				others := []string{"", "x" + text}
				if !freeEnd(text) {
					others = append(others, text+"x", text[:len(text)-1])
				}
				for _, other := range others {
					args := slices.Clone(e.args)
					args[i] = other
					refused("other text", args)
				}
			}
		})
	}
}

func TestScriptTextIsRecognizedByItsHash(t *testing.T) {
	const text = "return redis.call('GET', KEYS[1])"
	r := recognizer{map[string][]shape{redis.NewScript(text).Hash(): {{kind: reclaim, keys: []keyPart{setsKey}, args: []argument{argAt}}}}}
	args := []any{"eval", text, 1, testPrefix + "aggregation_sets", int64(7)}
	require.Equal(t, operation{kind: reclaim, queue: testQueue, at: 7}, r.recognize(args))
	args[1] = text + " "
	require.Equal(t, operation{}, r.recognize(args))
}

func TestOddCommandsAreUnknown(t *testing.T) {
	for _, args := range [][]any{
		nil,
		{"ping"},
		{"evalsha", "sha"},
		{"evalsha", "sha", "1"},
		{"evalsha", "sha", -1, "asynq:{q}:pending"},
		{"evalsha", "sha", 0},
		{"evalsha", "a8153319360adc71cdc370107f8ab9786f204765", 0},
		{"evalsha", "sha", 1, 5},
		{7, "x"},
		{"set", "asynq:{}:paused", 1, "nx"},
		{"zadd", "asynq:{q}:lease", 1.0, "id"},
		{"zadd", "asynq:{q}:lease", "xx", 1.5, "id"},
		{"zadd", "asynq:{q}:lease", "xx", 1.0, "a", 2.0, "b"},
		{"zadd", "asynq:{q}:lease", "xx", math.Inf(1), "id"},
		{"zadd", "asynq:{q}:lease", "xx", math.NaN(), "id"},
		{"del", "asynq:{q}:paused", "other"},
		{"publish", "asynq:cancel"},
		{"sadd", "asynq:queues", "a", "b"},
	} {
		require.Equalf(t, operation{}, recognize(command(args...)), "%v", args)
	}
}

func TestNumberOfKeysMayBeTooLarge(t *testing.T) {
	require.Equal(t, operation{kind: inspect, queue: "q"}, recognize(command("evalsha", "sha", 99, "asynq:{q}:pending")))
}

func BenchmarkRecognizeDequeue(b *testing.B) {
	cmd := command(examples()[6].args...)
	b.ReportAllocs()
	for b.Loop() {
		if op := recognize(cmd); op.kind != dequeue {
			b.Fatal(op)
		}
	}
}

// The Inspector's scripts that only read are sent as they are and teach nothing; with the others, jobs may have come.
func TestReadingScriptsTeachNothing(t *testing.T) {
	seen := map[kind]int{}
	client := newFront(func(_ context.Context, cmd redis.Cmder) error {
		op := recognize(cmd)
		seen[op.kind]++
		switch c := cmd.(type) {
		case *redis.BoolCmd: // the queue is there
			c.SetVal(true)
		case *redis.Cmd:
			c.SetVal([]any{})
		}
		return nil
	}, nil, nil)
	t.Cleanup(func() { require.NoError(t, client.Close()) })
	inspector := asynq.NewInspectorFromRedisClient(client)
	_, _ = inspector.GetQueueInfo("q")
	_, _ = inspector.ListPendingTasks("q")
	require.Equal(t, map[kind]int{unknown: seen[unknown]}, seen)
	require.GreaterOrEqual(t, seen[unknown], 4)
	_, _ = inspector.RunAllArchivedTasks("q")
	require.NotZero(t, seen[inspect])
}
