package engine

import (
	"strconv"
	"strings"

	"tollgate/fakes/upstash/resp"
)

// The commands here are miniredis's, but for arguments that it takes and Redis
// refuses, or refuses with another text.

// check makes an extension of what is wrong with the words of a command, "" if
// nothing is.
func check(arity int, readOnly bool, failed func(args []string) string) extension {
	return extension{
		arity:    arity,
		readOnly: readOnly,
		only: func(_ *inside, args []string) bool {
			words := len(args) + 1
			return (words == arity || (arity < 0 && words >= -arity)) && failed(args) != ""
		},
		run: func(_ *inside, args []string) resp.Value { return fail(failed(args)) },
	}
}

const (
	textNotPositive = "ERR value is out of range, must be positive"
	textTooLong     = "ERR string exceeds maximum allowed size (proto-max-bulk-len)"
)

// badCount is for an optional count that must be positive, as in LPOP.
func badCount(args []string) string {
	if len(args) != 2 {
		return ""
	}
	if n, ok := parseInt(args[1]); !ok || n < 0 {
		return textNotPositive
	}
	return ""
}

// badExpiry is for SETEX and PSETEX.
func badExpiry(command string) func([]string) string {
	return func(args []string) string {
		if n, ok := parseInt(args[1]); ok && n <= 0 {
			return "ERR invalid expire time in '" + command + "' command"
		}
		return ""
	}
}

func badSetRange(args []string) string {
	n, ok := parseInt(args[1])
	switch {
	case !ok:
		return textNotInt
	case n < 0:
		return "ERR offset is out of range"
	case n+int64(len(args[2])) > maxBitOffset/8 && args[2] != "":
		return textTooLong
	}
	return ""
}

func badSetBit(args []string) string {
	if n, ok := parseInt(args[1]); !ok || n < 0 || n >= maxBitOffset {
		return "ERR bit offset is not an integer or out of range"
	}
	return ""
}

func badDecrement(args []string) string {
	if args[1] == strconv.FormatInt(-1<<63, 10) {
		return "ERR decrement would overflow"
	}
	return ""
}

func badPairs(command string) func([]string) string {
	return func(args []string) string {
		if len(args)%2 != 0 {
			return "ERR wrong number of arguments for '" + command + "' command"
		}
		return ""
	}
}

// badScan is for HSCAN and its likes, whose words after the cursor are options.
func badScan(args []string) string {
	if _, err := strconv.ParseUint(args[1], 10, 64); err != nil {
		return "ERR invalid cursor"
	}
	for i, word := range args[2:] {
		if is(word, "COUNT") && i+3 < len(args) && args[i+3] == "0" {
			return textSyntax
		}
	}
	return ""
}

func badLimit(args []string) string {
	for i, word := range args {
		if is(word, "LIMIT") && i+1 < len(args) {
			if n, ok := parseInt(args[i+1]); !ok || n < 0 {
				return "ERR LIMIT can't be negative"
			}
		}
	}
	return ""
}

func badZRange(args []string) string {
	lex, scores := false, false
	for _, word := range args[3:] {
		lex, scores = lex || is(word, "BYLEX"), scores || is(word, "WITHSCORES")
	}
	if lex && scores {
		return "ERR syntax error, WITHSCORES not supported in combination with BYLEX"
	}
	return ""
}

// badInputs is for ZUNION and ZINTER.
func badInputs(command string) func([]string) string {
	return func(args []string) string {
		if n, ok := parseInt(args[0]); ok && n < 1 {
			return "ERR at least 1 input key is needed for '" + command + "' command"
		}
		return ""
	}
}

// hasNaN says whether ZADD is given a score that is not a number.
func hasNaN(args []string) string {
	at := 1
	for at < len(args) && isZAddOption(args[at]) {
		at++
	}
	for ; at < len(args); at += 2 {
		if score, err := strconv.ParseFloat(args[at], 64); err == nil && score != score {
			return "ERR value is not a valid float"
		}
	}
	return ""
}

func isZAddOption(word string) bool {
	switch strings.ToUpper(word) {
	case "NX", "XX", "GT", "LT", "CH", "INCR":
		return true
	}
	return false
}

// badTrim is for XTRIM.
func badTrim(args []string) string {
	strategy, rest := args[1], args[2:]
	if rest[0] == "=" || rest[0] == "~" {
		rest = rest[1:]
	}
	if len(rest) == 0 || (!is(strategy, "MAXLEN") && !is(strategy, "MINID")) {
		return textSyntax
	}
	return ""
}
