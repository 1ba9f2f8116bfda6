package thrift

import (
	"crypto/sha1" // by which Redis names scripts
	"encoding/hex"
	"math"
	"strings"

	"github.com/redis/go-redis/v9"
)

// recognize says what asynq v0.26.0 means by a command. The kind is unknown unless the command has exactly the form in
// which asynq sends it.
func recognize(cmd redis.Cmder) operation {
	return recognizer{shapes}.recognize(cmd.Args())
}

// recognizer knows scripts by the SHA-1 of their texts.
type recognizer struct {
	shapes map[string][]shape
}

func (r recognizer) recognize(args []any) operation {
	if len(args) < 2 {
		return operation{}
	}
	name, _ := args[0].(string)
	first, ok := args[1].(string)
	if !ok {
		return operation{}
	}
	switch name {
	case "evalsha":
		return r.script(first, args[2:])
	case "eval":
		sum := sha1.Sum([]byte(first))
		return r.script(hex.EncodeToString(sum[:]), args[2:])
	default:
		return plainCommand(name, first, args[2:])
	}
}

// script takes what follows the script: the number of keys, the keys, and the arguments.
func (r recognizer) script(sha string, rest []any) operation {
	if len(rest) == 0 {
		return operation{}
	}
	n, ok := rest[0].(int)
	if !ok || n < 1 || n >= len(rest) { // a script of asynq that is recognised has keys and arguments
		n = min(max(n, 0), len(rest)-1)
		return inspection(rest[1 : 1+n])
	}
	keys, args := rest[1:1+n], rest[1+n:]
	switch sha {
	case serverStateSHA:
		return serverStateOf(keys, args)
	case entriesSHA:
		return entriesOf(keys, args)
	case recordTickSHA:
		return recordTickOf(keys, args)
	}
	if inspections[sha] {
		return operation{}
	}
	known := r.shapes[sha]
	for i := range known {
		if op := known[i].read(keys, args); op.kind != unknown {
			return op
		}
	}
	return inspection(keys)
}

// inspections are the scripts with which asynq's Inspector only reads pending lists, as monitoring does again and again:
// the statistics of a queue, its memory, and its jobs.
var inspections = map[string]bool{
	"8495598cb6d9a2efdaf2ae98021a8f4ef1803b3d": true,
	"0c80fc1868e3aae205155ae2017ce995a3a7cec0": true,
	"e33b162cbcaa58a573d0f5a5067b4c3e2246e079": true,
}

// inspection is a script that is not known, but may put jobs into a pending list as it has its key.
func inspection(keys []any) operation {
	for _, key := range keys {
		text, _ := key.(string)
		if queue, ok := queueOf(text, pendingKey.text); ok {
			return operation{kind: inspect, queue: queue}
		}
	}
	return operation{}
}

// read fills an operation, whose kind is unknown if any key or argument is not what the shape says.
func (s *shape) read(keys, args []any) operation {
	if len(keys) != len(s.keys) || len(args) != len(s.args) {
		return operation{}
	}
	anchor, _ := keys[s.anchor].(string)
	queue, ok := queueOf(anchor, s.keys[s.anchor].text)
	if !ok {
		return operation{}
	}
	op := operation{kind: s.kind, queue: queue, retried: s.retried}
	prefix := anchor[:len(anchor)-len(s.keys[s.anchor].text)]
	group := ""
	for i, arg := range s.args {
		if arg == argGroup {
			ok = readText(args[i], &group)
		} else {
			ok = arg.read(args[i], prefix, &op)
		}
		if !ok {
			return operation{}
		}
	}
	for i, part := range s.keys {
		key, _ := keys[i].(string)
		if !part.read(key, prefix, group, &op) {
			return operation{}
		}
	}
	return op
}

// read puts an argument into its field of op.
func (a argument) read(value any, prefix string, op *operation) bool {
	switch a {
	case argID:
		return readText(value, &op.id)
	case argMsg:
		return readBytes(value, &op.msg)
	case argUniqueTTL:
		return readInteger(value, &op.uniqueTTL)
	case argAt:
		return readInteger(value, &op.at)
	case argNanos:
		return readInteger(value, &op.nanos)
	case argStatsEnd:
		return readInteger(value, &op.statsEnd)
	case argCutoff:
		return readInteger(value, &op.cutoff)
	case argKeep:
		return readInteger(value, &op.keep)
	case argLimit:
		return readInteger(value, &op.limit)
	case argNumber:
		var ignored int64
		return readInteger(value, &ignored)
	case argMaxInt64:
		n, ok := value.(int64)
		return ok && n == math.MaxInt64
	case argFailure:
		failure, ok := value.(bool)
		op.failure = failure
		return ok
	case argTaskPrefix:
		return isJoined(value, prefix, "t:")
	case argGroupPrefix:
		return isJoined(value, prefix, "g:")
	default:
		return false
	}
}

// read checks a key, and takes the day and the lock from it.
func (p keyPart) read(key, prefix, group string, op *operation) bool {
	key, ok := strings.CutPrefix(key, prefix)
	if !ok {
		return false
	}
	end, ok := strings.CutPrefix(key, p.text)
	if !ok {
		return false
	}
	switch p.rest {
	case nothing:
		return end == ""
	case jobID:
		return end == op.id
	case dayOf:
		if op.day == "" && isDay(end) {
			op.day = end
		}
		return end == op.day && end != ""
	case lock:
		op.uniqueKey = prefix + key
		return end != ""
	case groupName:
		return end == group
	case groupAndSet:
		set, ok := strings.CutPrefix(end, group)
		return ok && len(set) > 1 && set[0] == ':'
	default:
		return false
	}
}
