package engine

import (
	"slices"
	"strconv"
	"strings"

	"tollgate/fakes/upstash/resp"
)

// claim is a call of XCLAIM, taken apart.
type claim struct {
	key, group, consumer string
	minIdle              int64 // in milliseconds
	ids                  []string
	options              []string // for miniredis
	justID, force, retry bool
}

func parseClaim(args []string) (c claim, failed string) {
	c = claim{key: args[0], group: args[1], consumer: args[2]}
	idle, ok := parseInt(args[3])
	if !ok {
		return c, "ERR Invalid min-idle-time argument for XCLAIM"
	}
	c.minIdle = max(idle, 0)
	rest := args[4:]
	for len(rest) > 0 {
		id, ok := fullID(rest[0])
		if !ok {
			break
		}
		c.ids, rest = append(c.ids, id), rest[1:]
	}
	for ; len(rest) > 0; rest = rest[1:] {
		switch word := strings.ToUpper(rest[0]); {
		case word == "JUSTID", word == "FORCE":
			c.justID, c.force = c.justID || word == "JUSTID", c.force || word == "FORCE"
		case word == "LASTID" && len(rest) > 1:
			rest = rest[1:] // it is for replicas
			continue
		case (word == "IDLE" || word == "TIME" || word == "RETRYCOUNT") && len(rest) > 1:
			if _, ok := parseInt(rest[1]); !ok {
				return c, "ERR Invalid " + word + " option argument for XCLAIM"
			}
			c.retry = c.retry || word == "RETRYCOUNT"
			c.options = append(c.options, word)
			rest = rest[1:]
		default:
			return c, "ERR Unrecognized XCLAIM option '" + rest[0] + "'"
		}
		c.options = append(c.options, rest[0])
	}
	if len(c.ids) == 0 {
		return c, textStreamID
	}
	return c, ""
}

// xclaim is XCLAIM: miniredis heeds neither the least idle time nor that JUSTID is
// no delivery, and claims what is no longer in the stream.
func xclaim(in *inside, args []string) resp.Value {
	c, failed := parseClaim(args)
	if failed != "" {
		return fail(failed)
	}
	if known := in.do("XPENDING", c.key, c.group); known.IsError() {
		return known
	}
	list := resp.List()
	for _, id := range c.ids {
		pending := in.do("XPENDING", c.key, c.group, id, id, "1").Array
		switch {
		case !in.hasEntry(c.key, id):
			in.do("XACK", c.key, c.group, id)
			continue
		case len(pending) == 0 && !c.force, len(pending) > 0 && pending[0].Array[2].Int < c.minIdle:
			continue
		}
		words := append([]string{"XCLAIM", c.key, c.group, c.consumer, "0", id}, c.options...)
		if len(pending) > 0 && c.justID && !c.retry {
			words = append(words, "RETRYCOUNT", strconv.FormatInt(pending[0].Array[3].Int, 10))
		}
		claimed := in.do(words...)
		if claimed.IsError() {
			return claimed
		}
		list.Array = append(list.Array, claimed.Array...)
	}
	return list
}

// nothingNew is an XREAD of a transaction with the largest ID there is for each $:
// what comes after the last entry is nothing, since it does not wait, and miniredis
// would answer that it is queued twice.
func nothingNew(command []string) []string {
	command = slices.Clone(command)
	for i, word := range command {
		if word == "$" {
			command[i] = "18446744073709551615-18446744073709551615"
		}
	}
	return command
}

// badRead is for XREAD: miniredis has other texts.
func badRead(args []string) string {
	for ; len(args) > 1; args = args[2:] {
		switch strings.ToUpper(args[0]) {
		case "STREAMS":
			return ""
		case "BLOCK":
		case "COUNT":
			if _, ok := parseInt(args[1]); !ok {
				return textNotInt
			}
		default:
			return textSyntax
		}
	}
	return textSyntax
}
