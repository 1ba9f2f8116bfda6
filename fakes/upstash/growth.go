package upstash

import (
	"bytes"
	"strconv"

	"tollgate/fakes/upstash/engine"
)

const (
	// wordBytes is what Redis may need for one word of a command besides its bytes.
	wordBytes = 64
	// restoreRatio is how much larger a value may be than its compressed dump.
	restoreRatio = 100
	// maxGrowth keeps sums of estimates in range: 1 TiB.
	maxGrowth   = 1 << 40
	bitsPerByte = 8
	// maxStringBytes is the size of the longest string: 512 MiB.
	maxStringBytes = 512 << 20
)

// growth is the most that a write with as many words as it needs can add to the data,
// in bytes. largest is the size of the largest record. Scripts add nothing themselves: what they call does.
func growth(name string, args [][]byte, largest int64) int64 {
	if runsScript(name) {
		return 0
	}
	most := payload(args) + wordBytes*int64(len(args))
	switch name {
	case "PFADD", "PFMERGE":
		most += engine.HyperLogLogBytes
	case "RESTORE":
		most *= restoreRatio
	case "SETRANGE":
		most += stretch(args[2:3], 1)
	case "SETBIT":
		most += stretch(args[2:3], bitsPerByte)
	case "BITFIELD":
		most += stretch(args[2:], bitsPerByte)
	case "BITOP", "COPY", "GEORADIUS", "GEORADIUSBYMEMBER", "GEOSEARCHSTORE", "SDIFFSTORE", "SINTERSTORE", "SUNIONSTORE",
		"ZDIFFSTORE", "ZINTERSTORE", "ZRANGESTORE", "ZUNIONSTORE":
		most += min(largest, maxGrowth) * int64(len(args)) // made of other records, no more than it has words
	}
	return min(most, maxGrowth)
}

func runsScript(name string) bool { return name == "EVAL" || name == "EVALSHA" || name == "FCALL" }

// stretch is how long a string may become for the largest offset among words, in
// bytes; an offset is in bytes or, with perByte 8, in bits. "#3" is the third integer
// of at most 64 bits.
func stretch(words [][]byte, perByte int64) (most int64) {
	for _, word := range words {
		digits, isIndex := bytes.CutPrefix(word, []byte("#"))
		n, err := strconv.ParseInt(string(digits), 10, 64)
		if err != nil || n < 0 {
			continue // it is no offset, or the engine refuses it
		}
		if n /= perByte; isIndex {
			n = min(n, maxStringBytes) * 64
		}
		most = max(most, n+8)
	}
	return min(most, maxStringBytes)
}
