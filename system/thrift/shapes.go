package thrift

// shape is how asynq runs one of its scripts: what each of the KEYS and of the ARGV is.
type shape struct {
	kind    kind
	anchor  int // of the key whose suffix is fixed: it gives the name of the queue
	keys    []keyPart
	args    []argument
	retried bool // of forward
}

// keyPart is a key's part after "asynq:{queue}:".
type keyPart struct {
	text string // it begins with
	rest rest   // and what follows
}

// rest is the variable end of a key.
type rest int

const (
	nothing     rest = iota
	jobID            // the job's ID
	dayOf            // the day of the counters
	lock             // anything: the key is the job's lock
	groupName        // the group
	groupAndSet      // the group, a colon, and anything
)

// argument is the meaning of an ARGV. It decides the Go type that asynq must have passed.
type argument int

const (
	argID          argument = iota // string
	argMsg                         // []byte
	argUniqueTTL                   // integer
	argAt                          // integer
	argNanos                       // integer
	argStatsEnd                    // integer
	argCutoff                      // integer
	argKeep                        // integer
	argLimit                       // integer
	argNumber                      // integer: of no interest
	argMaxInt64                    // integer: where the counters start anew
	argFailure                     // bool
	argGroup                       // string
	argTaskPrefix                  // string: the job's key without its ID
	argGroupPrefix                 // string: a group's key without its name
)

// Parts of keys, as asynq's internal/base names them.
var (
	taskKey       = keyPart{"t:", jobID}
	taskKeyPrefix = keyPart{text: "t:"}
	lockKey       = keyPart{"unique:", lock}
	pendingKey    = keyPart{text: "pending"}
	pausedKey     = keyPart{text: "paused"}
	activeKey     = keyPart{text: "active"}
	leaseKey      = keyPart{text: "lease"}
	scheduledKey  = keyPart{text: "scheduled"}
	retryKey      = keyPart{text: "retry"}
	archivedKey   = keyPart{text: "archived"}
	completedKey  = keyPart{text: "completed"}
	processedKey  = keyPart{text: "processed"}
	failedKey     = keyPart{text: "failed"}
	processedDay  = keyPart{"processed:", dayOf}
	failedDay     = keyPart{"failed:", dayOf}
	groupKey      = keyPart{"g:", groupName}
	setKey        = keyPart{"g:", groupAndSet}
	groupsKey     = keyPart{text: "groups"}
	setsKey       = keyPart{text: "aggregation_sets"}
)

// Arguments that several scripts share.
var (
	doneArgs     = []argument{argID, argStatsEnd, argMaxInt64}
	completeArgs = []argument{argID, argStatsEnd, argAt, argMsg, argMaxInt64}
	forwardArgs  = []argument{argAt, argTaskPrefix, argNanos, argGroupPrefix}
)

// shapes are asynq's scripts on a queue, by the SHA-1 of their texts. The order of KEYS and ARGV is that of
// https://github.com/hibiken/asynq/blob/v0.26.0/internal/rdb/rdb.go.
var shapes = map[string][]shape{
	"98d28b42650870a743450ffda9791e9e19c6991b": {{
		kind: enqueue, anchor: 1,
		keys: []keyPart{taskKey, pendingKey},
		args: []argument{argMsg, argID, argNanos},
	}},
	"297b3f9abfd963a3316434ef9d88fc5bf8a7ddc3": {{
		kind: enqueue, anchor: 2,
		keys: []keyPart{lockKey, taskKey, pendingKey},
		args: []argument{argID, argUniqueTTL, argMsg, argNanos},
	}},
	"8ce6b38a99b73194585c251eb3c2a89559f37a87": {{
		kind: schedule, anchor: 1,
		keys: []keyPart{taskKey, scheduledKey},
		args: []argument{argMsg, argAt, argID},
	}},
	"e9b8aa859a976a1fce09eaf723b4fccd02ba799e": {{
		kind: schedule, anchor: 2,
		keys: []keyPart{lockKey, taskKey, scheduledKey},
		args: []argument{argID, argUniqueTTL, argAt, argMsg},
	}},
	"074af2c5a4623800684c1b0e4e328c2500f06815": {{
		kind: addToGroup, anchor: 2,
		keys: []keyPart{taskKey, groupKey, groupsKey},
		args: []argument{argMsg, argID, argAt, argGroup},
	}},
	"deeb77b98fd021a8a0279d8e7dd11a8a4546611a": {{
		kind: addToGroup, anchor: 2,
		keys: []keyPart{taskKey, groupKey, groupsKey, lockKey},
		args: []argument{argMsg, argID, argAt, argGroup, argUniqueTTL},
	}},
	"a8153319360adc71cdc370107f8ab9786f204765": {{
		kind: dequeue,
		keys: []keyPart{pendingKey, pausedKey, activeKey, leaseKey},
		args: []argument{argAt, argTaskPrefix},
	}},
	"1241eaa1c73409baaf1fea0c08d203a4911bda15": {{
		kind: done,
		keys: []keyPart{activeKey, leaseKey, taskKey, processedDay, processedKey},
		args: doneArgs,
	}},
	"a2631c71357a54b4c3e7450b1757e7f3f49d6c81": {{
		kind: done,
		keys: []keyPart{activeKey, leaseKey, taskKey, processedDay, processedKey, lockKey},
		args: doneArgs,
	}},
	"117dca952700588e559c7ace20b925096d587974": {{
		kind: complete,
		keys: []keyPart{activeKey, leaseKey, completedKey, taskKey, processedDay, processedKey},
		args: completeArgs,
	}},
	"ce6833ccce362a8c0ee53beee413341daf52e39c": {{
		kind: complete,
		keys: []keyPart{activeKey, leaseKey, completedKey, taskKey, processedDay, processedKey, lockKey},
		args: completeArgs,
	}},
	"65fa409c88198a681c53e0892d8276eca0145694": {{
		kind: retry, anchor: 1,
		keys: []keyPart{taskKey, activeKey, leaseKey, retryKey, processedDay, failedDay, processedKey, failedKey},
		args: []argument{argID, argMsg, argAt, argStatsEnd, argFailure, argMaxInt64},
	}},
	"9c3b1eb9947ce2ee5304ac013a0a365ec364fd2d": {{
		kind: archive, anchor: 1,
		keys: []keyPart{taskKey, activeKey, leaseKey, archivedKey, processedDay, failedDay, processedKey, failedKey, taskKeyPrefix},
		args: []argument{argID, argMsg, argAt, argCutoff, argKeep, argStatsEnd, argMaxInt64},
	}},
	"f34cbfd11d1fc8019af55b50c447fc68eb8b29e5": {{
		kind: requeue,
		keys: []keyPart{activeKey, leaseKey, pendingKey, taskKey},
		args: []argument{argID},
	}},
	"522b1a6ae66fe79ea2f24a9af58798ab71879035": {
		{kind: forward, keys: []keyPart{scheduledKey, pendingKey}, args: forwardArgs},
		{kind: forward, keys: []keyPart{retryKey, pendingKey}, args: forwardArgs, retried: true},
	},
	"16988a462595f6ee317be300951533b004f27f5c": {{
		kind: listExpired,
		keys: []keyPart{leaseKey},
		args: []argument{argAt, argTaskPrefix},
	}},
	"7c08714194a1ed81153180b36590c51f1ccd7d42": {{
		kind: reclaim,
		keys: []keyPart{setsKey},
		args: []argument{argAt},
	}},
	"49c4326d80c1db9c476da2aa7f4438d03688f82b": {{
		kind: deleteExpired,
		keys: []keyPart{completedKey},
		args: []argument{argAt, argTaskPrefix, argLimit},
	}},
	"a3812898e6caa8ef58d4cda34cd41a1023157e43": {{
		kind: aggregate, anchor: 3,
		keys: []keyPart{groupKey, setKey, setsKey, groupsKey},
		args: []argument{argNumber, argNumber, argNumber, argNumber, argNumber, argGroup},
	}},
}

// SHA-1 of the scripts that write what a process tells of itself.
const (
	serverStateSHA = "3c8548ad44d0dfcfde50f07ea9271d77f656042c"
	entriesSHA     = "313393fb34cf7668d3ae712d88666ce651da3861"
	recordTickSHA  = "5feb3e91ca9086f0335575fa366ac2b94ec7b886"
)
