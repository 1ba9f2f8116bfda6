package resp

import "cmp"

// Defaults of Limits.
const (
	// DefaultMaxBytes is the largest command or value: 512 MiB, as in Redis.
	DefaultMaxBytes = 512 << 20
	// DefaultMaxItems is the most elements of one command or aggregate: 1,048,576, as in Redis.
	DefaultMaxItems = 1 << 20
	// DefaultMaxLine is the longest inline command or one-line reply: 64 KiB, as in Redis.
	DefaultMaxLine = 64 << 10
	// MaxDepth is how deep aggregates may nest.
	MaxDepth = 32

	// hardMaxBytes is the largest announced size that is still skipped to keep
	// the stream usable; beyond it the peer is taken for broken.
	hardMaxBytes = 1 << 30
	// chunk is the step in which memory is taken for a large string.
	chunk = 64 << 10
)

// Limits bound what a reader accepts. A zero field means its default.
type Limits struct {
	// MaxBytes is the payload of one command or value, in bytes.
	MaxBytes int64
	// MaxItems is the number of elements of one command, or of all aggregates of one value.
	MaxItems int64
	// MaxLine is the length of one line, in bytes.
	MaxLine int
}

func (l Limits) withDefaults() Limits {
	return Limits{
		MaxBytes: cmp.Or(l.MaxBytes, DefaultMaxBytes),
		MaxItems: cmp.Or(l.MaxItems, DefaultMaxItems),
		MaxLine:  cmp.Or(l.MaxLine, DefaultMaxLine),
	}
}
