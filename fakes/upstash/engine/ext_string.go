package engine

import (
	"fmt"
	"strings"

	"github.com/zeebo/xxh3"

	"tollgate/fakes/upstash/resp"
)

// digest is DIGEST: XXH3 of 64 bits, as hexadecimal digits.
func digest(in *inside, args []string) resp.Value {
	exists, wrong := in.holds(args[0], "string")
	switch {
	case wrong != nil:
		return *wrong
	case !exists:
		return resp.Nil()
	}
	return resp.Bulk(digestOf(in.do("GET", args[0]).Text()))
}

func digestOf(value string) string { return fmt.Sprintf("%016x", xxh3.HashString(value)) }

// comparison is a condition on a string's present value.
type comparison struct{ name, operand string }

func isComparison(word string) bool {
	switch strings.ToUpper(word) {
	case "IFEQ", "IFNE", "IFDEQ", "IFDNE":
		return true
	}
	return false
}

// holds says whether the condition does. A key that is not there differs from
// everything.
func (c comparison) holds(value string, exists bool) bool {
	switch c.name {
	case "IFEQ":
		return exists && value == c.operand
	case "IFNE":
		return !exists || value != c.operand
	case "IFDEQ":
		return exists && strings.EqualFold(digestOf(value), c.operand)
	default:
		return !exists || !strings.EqualFold(digestOf(value), c.operand)
	}
}

// valid says whether a digest is one.
func (c comparison) valid() bool {
	return c.name == "IFEQ" || c.name == "IFNE" || len(c.operand) == 16
}

const textDigest = "ERR must be exactly 16 hexadecimal characters"

// hasOddOptions says whether the words of SET after its name have options that
// miniredis does not know, does not know exactly or does not check.
func hasOddOptions(_ *inside, args []string) bool {
	switch {
	case len(args) < 3, len(args) == 3 && !isComparison(args[2]) && moments[strings.ToUpper(args[2])] == moment{}:
		return false
	case len(args) == 4 && (is(args[2], "EX") || is(args[2], "PX")):
		n, ok := parseInt(args[3])
		return !ok || n <= 0 || n > maxTTL
	}
	return true
}

// setOptions are the options of SET: the condition on the present value, and those
// for miniredis.
type setOptions struct {
	condition *comparison
	exists    string // NX or XX
	lifetime  string // EX and so on, or KEEPTTL
	get       bool
	rest      []string
}

func parseSetOptions(words []string) (o setOptions, failed string) {
	once := func(option *string, word string) bool {
		first := *option == ""
		*option = word
		return first
	}
	for ; len(words) > 0; words = words[1:] {
		ok := true
		word := strings.ToUpper(words[0])
		m, expires := moments[word]
		switch {
		case isComparison(word):
			ok = o.condition == nil && o.exists == "" && len(words) > 1
			if ok {
				o.condition = &comparison{word, words[1]}
				words = words[1:]
			}
		case word == "NX", word == "XX":
			ok = once(&o.exists, word) && o.condition == nil
			o.rest = append(o.rest, word)
		case word == "GET":
			o.get = true
			o.rest = append(o.rest, word)
		case word == "KEEPTTL":
			ok = once(&o.lifetime, word)
			o.rest = append(o.rest, word)
		case expires && len(words) > 1:
			ok = once(&o.lifetime, word)
			o.rest = append(o.rest, word, words[1])
			if failed == "" {
				failed = badTime(words[1], m, "set")
			}
			words = words[1:]
		default:
			ok = false
		}
		if !ok {
			return o, textSyntax
		}
	}
	return o, failed
}

// badTime is what is wrong with the time that a string is to live.
func badTime(word string, m moment, command string) string {
	n, ok := parseInt(word)
	switch {
	case !ok:
		return textNotInt
	case n <= 0 || n > (1<<63-1)/m.unit:
		return "ERR invalid expire time in '" + command + "' command"
	}
	return ""
}

// set is SET with those options.
func set(in *inside, args []string) resp.Value {
	key := args[0]
	options, failed := parseSetOptions(args[2:])
	if failed != "" {
		return fail(failed)
	}
	rest, past := in.relative(options.rest)
	if options.condition != nil {
		exists, wrong := in.holds(key, "string")
		switch {
		case wrong != nil:
			return *wrong
		case !options.condition.valid():
			return fail(textDigest)
		}
		before := in.do("GET", key)
		if !options.condition.holds(before.Text(), exists) {
			if options.get {
				return before
			}
			return resp.Nil()
		}
	}
	reply := in.do(append([]string{"SET", key, args[1]}, rest...)...)
	if past && !reply.IsError() {
		in.do("DEL", key)
	}
	return reply
}

// getex is GETEX with a time.
func getex(in *inside, args []string) resp.Value {
	if len(args) == 3 {
		if failed := badTime(args[2], moments[strings.ToUpper(args[1])], "getex"); failed != "" {
			return fail(failed)
		}
	}
	words, past := in.relative(args[1:])
	reply := in.do(append([]string{"GETEX", args[0]}, words...)...)
	if past && !reply.IsError() {
		in.do("DEL", args[0])
	}
	return reply
}

// delex is DELEX.
func delex(in *inside, args []string) resp.Value {
	switch {
	case len(args) == 1:
		return in.do("DEL", args[0])
	case len(args) != 3:
		return fail("ERR wrong number of arguments for 'delex' command")
	case !isComparison(args[1]):
		return fail("ERR Invalid condition. Use IFEQ, IFNE, IFDEQ, or IFDNE")
	}
	condition := comparison{strings.ToUpper(args[1]), args[2]}
	exists, wrong := in.holds(args[0], "string")
	switch {
	case wrong != nil:
		return fail("ERR Key should be of string type if conditions are specified")
	case !exists:
		return resp.Int(0)
	case !condition.valid():
		return fail(textDigest)
	case !condition.holds(in.do("GET", args[0]).Text(), true):
		return resp.Int(0)
	}
	return in.do("DEL", args[0])
}
