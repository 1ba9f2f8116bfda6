package engine

import (
	"math/bits"
	"strings"

	"tollgate/fakes/upstash/resp"
)

// bitRange is a part of a string, from the bit start up to before the bit end.
type bitRange struct {
	start, end int64
	whole      bool // no end was given
}

// parseBitRange reads "[start [end [BYTE | BIT]]]" for a string of so many bytes.
func parseBitRange(args []string, length int64) (r bitRange, failed string) {
	unit := int64(8)
	switch {
	case len(args) > 3:
		return r, textSyntax
	case len(args) == 3 && is(args[2], "BIT"):
		unit = 1
	case len(args) == 3 && !is(args[2], "BYTE"):
		return r, textSyntax
	}
	total := length * 8 / unit
	first, last := int64(0), total-1
	for i, bound := range []*int64{&first, &last} {
		if i >= len(args) {
			break
		}
		n, ok := parseInt(args[i])
		if !ok {
			return r, textNotInt
		}
		if n < 0 {
			n = max(n+total, 0)
		}
		*bound = n
	}
	r = bitRange{start: first * unit, end: (min(last, total-1) + 1) * unit, whole: len(args) < 2}
	return r, ""
}

func bitAt(data string, bit int64) bool { return data[bit/8]>>(7-bit%8)&1 == 1 }

// bitcount is BITCOUNT.
func bitcount(in *inside, args []string) resp.Value {
	exists, wrong := in.holds(args[0], "string")
	switch {
	case wrong != nil:
		return *wrong
	case !exists:
		return resp.Int(0)
	case len(args) == 2:
		return fail(textSyntax)
	}
	data := in.do("GET", args[0]).Text()
	r, failed := parseBitRange(args[1:], int64(len(data)))
	if failed != "" {
		return fail(failed)
	}
	count := int64(0)
	for bit := r.start; bit < r.end; {
		if bit%8 == 0 && bit+8 <= r.end {
			count += int64(bits.OnesCount8(data[bit/8]))
			bit += 8
			continue
		}
		if bitAt(data, bit) {
			count++
		}
		bit++
	}
	return resp.Int(count)
}

// bitpos is BITPOS.
func bitpos(in *inside, args []string) resp.Value {
	if args[1] != "0" && args[1] != "1" {
		if _, ok := parseInt(args[1]); !ok {
			return fail(textNotInt)
		}
		return fail("ERR The bit argument must be 1 or 0.")
	}
	wanted := args[1] == "1"
	exists, wrong := in.holds(args[0], "string")
	switch {
	case wrong != nil:
		return *wrong
	case !exists && wanted:
		return resp.Int(-1)
	case !exists:
		return resp.Int(0)
	}
	data := in.do("GET", args[0]).Text()
	r, failed := parseBitRange(args[2:], int64(len(data)))
	if failed != "" {
		return fail(failed)
	}
	for bit := r.start; bit < r.end; bit++ {
		if bitAt(data, bit) == wanted {
			return resp.Int(bit)
		}
	}
	if !wanted && r.whole && r.start < r.end {
		return resp.Int(r.end) // a string is as if zeros followed
	}
	return resp.Int(-1)
}

// bitOperations are those of BITOP that Redis 8.2 added: what a byte becomes of the
// first key's, and of what any and more than one of the others have.
var bitOperations = map[string]func(first, others, many byte) byte{
	"DIFF":  func(first, others, _ byte) byte { return first &^ others },
	"DIFF1": func(first, others, _ byte) byte { return others &^ first },
	"ANDOR": func(first, others, _ byte) byte { return first & others },
	"ONE":   func(first, others, many byte) byte { return (first ^ others) &^ many },
}

func isNewBitOperation(_ *inside, args []string) bool {
	return len(args) > 0 && bitOperations[strings.ToUpper(args[0])] != nil
}

// bitop is BITOP with those.
func bitop(in *inside, args []string) resp.Value {
	name, destination, keys := strings.ToUpper(args[0]), args[1], args[2:]
	if len(keys) < 2 && name != "ONE" {
		return fail("ERR BITOP " + name + " must be called with at least two source keys.")
	}
	var sources []string
	length := 0
	for _, key := range keys {
		if _, wrong := in.holds(key, "string"); wrong != nil {
			return *wrong
		}
		source := in.do("GET", key).Text()
		sources, length = append(sources, source), max(length, len(source))
	}
	if length == 0 {
		in.do("DEL", destination)
		return resp.Int(0)
	}
	result := make([]byte, length)
	for i := range result {
		at := func(source string) byte {
			if i < len(source) {
				return source[i]
			}
			return 0
		}
		var either, many byte
		for _, source := range sources[1:] {
			many |= either & at(source)
			either |= at(source)
		}
		result[i] = bitOperations[name](at(sources[0]), either, many)
	}
	in.do("SET", destination, string(result))
	return resp.Int(int64(length))
}
