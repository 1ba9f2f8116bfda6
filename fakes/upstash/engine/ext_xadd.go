package engine

import (
	"strconv"
	"strings"

	"tollgate/fakes/upstash/resp"
)

const textSmallID = "ERR The ID specified in XADD is equal or smaller than the target stream top item"

// addition is a call of XADD, taken apart.
type addition struct {
	key      string
	trimming []string // NOMKSTREAM, and how to trim, without LIMIT
	limited  bool
	nearly   bool // trimming may be about right: ~
	id       string
	fields   []string
}

func parseAddition(args []string) (a addition, ok bool) {
	a.key, args = args[0], args[1:]
	take := func(n int) bool {
		if len(args) < n {
			return false
		}
		a.trimming, args = append(a.trimming, args[:n]...), args[n:]
		return true
	}
	for len(args) > 0 {
		switch strings.ToUpper(args[0]) {
		case "NOMKSTREAM":
			take(1)
			continue
		case "MAXLEN", "MINID":
			words := 2
			if len(args) > 1 && (args[1] == "=" || args[1] == "~") {
				a.nearly, words = args[1] == "~", 3
			}
			if !take(words) {
				return a, false
			}
			continue
		case "LIMIT":
			if len(args) < 2 {
				return a, false
			}
			a.limited, args = true, args[2:]
			continue
		}
		a.id, a.fields = args[0], args[1:]
		return a, len(a.fields) > 0 && len(a.fields)%2 == 0
	}
	return a, false
}

// isCarefulAddition says whether XADD is given what miniredis does not check.
func isCarefulAddition(_ *inside, args []string) bool {
	if len(args) < 4 {
		return false
	}
	a, ok := parseAddition(args)
	return !ok || a.limited || a.id != "*"
}

// xadd is XADD with an ID or a LIMIT.
func xadd(in *inside, args []string) resp.Value {
	a, ok := parseAddition(args)
	switch {
	case !ok && a.id == "":
		return fail(textSyntax)
	case !ok:
		return fail("ERR wrong number of arguments for 'xadd' command")
	case a.limited && !a.nearly:
		return fail("ERR syntax error, LIMIT cannot be used without the special ~ option")
	}
	exists, wrong := in.holds(a.key, "stream")
	if wrong != nil {
		return *wrong
	}
	last := "0-0"
	if exists {
		last = lastID(in, a.key)
	}
	if at, anySequence := strings.CutSuffix(a.id, "-*"); anySequence {
		lastAt, _, _ := strings.Cut(last, "-")
		if n, err := strconv.ParseUint(at, 10, 64); err != nil {
			return fail(textStreamID)
		} else if m, _ := strconv.ParseUint(lastAt, 10, 64); n < m {
			return fail(textSmallID)
		}
	} else if a.id != "*" {
		id, ok := fullID(a.id)
		switch {
		case !ok:
			return fail(textStreamID)
		case id == "0-0":
			return fail("ERR The ID specified in XADD must be greater than 0-0")
		case exists && compareIDs(id, last) <= 0:
			return fail(textSmallID)
		}
	}
	add := append([]string{"XADD", a.key}, a.trimming...)
	return in.do(append(append(add, a.id), a.fields...)...)
}

// xautoclaim is XAUTOCLAIM: what is pending and no longer in the stream is not
// claimed but forgotten, and told of.
func xautoclaim(in *inside, args []string) resp.Value {
	key, group, minIdle, start := args[0], args[1], args[3], args[4]
	count := int64(100)
	at := -1
	for i := 5; i+1 < len(args); i++ {
		if is(args[i], "COUNT") {
			n, ok := parseInt(args[i+1])
			if !ok || n < 1 {
				return fail("ERR COUNT must be > 0")
			}
			count, at = n, i+1
		}
	}
	gone := resp.List()
	for _, p := range in.do("XPENDING", key, group, "IDLE", minIdle, start, "+", strconv.FormatInt(count, 10)).Array {
		if id := p.Array[0]; !in.hasEntry(key, id.Text()) {
			in.do("XACK", key, group, id.Text())
			gone.Array = append(gone.Array, id)
		}
	}
	words := append([]string{"XAUTOCLAIM"}, args...)
	if at >= 0 {
		words[at+1] = strconv.FormatInt(max(count-int64(len(gone.Array)), 1), 10)
	}
	reply := in.do(words...)
	if len(reply.Array) == 3 {
		reply.Array[2] = gone
	}
	return reply
}
