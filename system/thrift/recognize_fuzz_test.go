package thrift

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// FuzzRecognize changes a command of asynq in one or two places. Whatever is still recognised must have the form of an
// example of its kind, and all its keys must be of its queue.
func FuzzRecognize(f *testing.F) {
	for i := range examples() {
		f.Add(uint8(i), uint8(i%9), uint8(0), "x", int64(1), uint8(3), uint8(9))
		f.Add(uint8(i), uint8(3), uint8(0), "asynq:{q}:pending", int64(1), uint8(2), uint8(2))
	}
	f.Add(uint8(0), uint8(0), uint8(0), "eval", int64(0), uint8(1), uint8(0))
	f.Fuzz(func(t *testing.T, which, place, how uint8, text string, number int64, place2, how2 uint8) {
		all := examples()
		args := all[int(which)%len(all)].args
		args = changed(args, place, how, text, number)
		args = changed(args, place2, how2, text, number)
		op := recognizer{shapes}.recognize(args)
		if op.kind == unknown || op.kind == inspect {
			return
		}
		require.Truef(t, slices.ContainsFunc(all, func(e example) bool { return e.want.kind == op.kind && sameForm(e.args, args) }),
			"recognised as kind %d: %v", op.kind, args)
		if n, ok := args[min(2, len(args)-1)].(int); ok && args[0] == "evalsha" && op.queue != "" {
			for _, key := range args[3 : 3+n] {
				require.Truef(t, strings.HasPrefix(key.(string), keysOf(op.queue).counterPrefix), "%v is not of the queue %q", key, op.queue)
			}
		}
	})
}

// changed is args with one change.
func changed(args []any, place, how uint8, text string, number int64) []any {
	if len(args) == 0 {
		return nil
	}
	i := int(place) % len(args)
	args = slices.Clone(args)
	switch how % 10 {
	case 0:
		args[i] = text
	case 1:
		args[i] = []byte(text)
	case 2:
		args[i] = number
	case 3:
		args[i] = int(number)
	case 4:
		args[i] = float64(number)
	case 5:
		args[i] = number%2 == 0
	case 6:
		args[i] = nil
	case 7:
		args = slices.Delete(args, i, i+1)
	case 8:
		args = slices.Insert(args, i, any(text))
	default: // as it is
	}
	return args
}

// sameForm says whether the arguments of both commands are of the same types; those of a list of any length, which are
// at the end, of the types of its last two.
func sameForm(example, args []any) bool {
	for i := range args {
		like := i
		if like >= len(example) {
			like = len(example) - 2 + (i-len(example))%2
		}
		if !sameType(example[like], args[i]) {
			return false
		}
	}
	return len(args) == len(example) || len(args) > 3 && varying(args)
}

func sameType(a, b any) bool {
	switch a.(type) {
	case int, int64:
		switch b.(type) {
		case int, int64:
			return true
		}
		return false
	case string:
		_, ok := b.(string)
		return ok
	case []byte:
		_, ok := b.([]byte)
		return ok
	case float64:
		_, ok := b.(float64)
		return ok
	case bool:
		_, ok := b.(bool)
		return ok
	}
	return false
}

// varying says whether the number of a command's arguments varies.
func varying(args []any) bool {
	return args[1] == serverStateSHA || args[1] == entriesSHA || args[0] == "zadd" && args[2] == "xx"
}
