package engine

import (
	"slices"
	"strconv"
	"strings"

	"tollgate/fakes/upstash/resp"
)

// scored is a member of a sorted set; a set's have the score 1.
type scored struct {
	member string
	score  float64
}

// zdiff is ZDIFF.
func zdiff(in *inside, args []string) resp.Value {
	sets, options, wrong := in.inputs("zdiff", args)
	if wrong != nil {
		return *wrong
	}
	withScores := len(options) == 1 && is(options[0], "WITHSCORES")
	if len(options) > 0 && !withScores {
		return fail(textSyntax)
	}
	list := resp.List()
	for _, m := range difference(sets) {
		member, score := resp.Bulk(m.member), resp.Value{Kind: resp.Double, Float: m.score}
		switch {
		case !withScores:
			list.Array = append(list.Array, member)
		case in.resp3:
			list.Array = append(list.Array, resp.List(member, score))
		default:
			list.Array = append(list.Array, member, score)
		}
	}
	return list
}

// zdiffstore is ZDIFFSTORE.
func zdiffstore(in *inside, args []string) resp.Value {
	sets, options, wrong := in.inputs("zdiffstore", args[1:])
	if wrong != nil {
		return *wrong
	}
	if len(options) > 0 {
		return fail(textSyntax)
	}
	return in.store(args[0], difference(sets))
}

// zintercard is ZINTERCARD.
func zintercard(in *inside, args []string) resp.Value {
	sets, options, wrong := in.inputs("zintercard", args)
	if wrong != nil {
		return *wrong
	}
	limit := int64(0)
	for ; len(options) > 0; options = options[2:] {
		if len(options) < 2 || !is(options[0], "LIMIT") {
			return fail(textSyntax)
		}
		n, ok := parseInt(options[1])
		if !ok || n < 0 {
			return fail("ERR LIMIT can't be negative")
		}
		limit = n
	}
	common := int64(0)
	for _, m := range sets[0] {
		everywhere := true
		for _, other := range sets[1:] {
			everywhere = everywhere && slices.ContainsFunc(other, m.same)
		}
		if everywhere {
			common++
		}
		if limit > 0 && common == limit {
			break
		}
	}
	return resp.Int(common)
}

// zrangestore is ZRANGESTORE.
func zrangestore(in *inside, args []string) resp.Value {
	destination, source, options := args[0], args[1], args[4:]
	for _, option := range options {
		if is(option, "WITHSCORES") {
			return fail(textSyntax)
		}
	}
	found := in.do(append([]string{"ZRANGE"}, args[1:]...)...)
	if found.IsError() {
		return found
	}
	var members []scored
	for _, member := range items(found) {
		score, _ := strconv.ParseFloat(in.do("ZSCORE", source, member).Text(), 64)
		members = append(members, scored{member, score})
	}
	return in.store(destination, members)
}

func (m scored) same(other scored) bool { return m.member == other.member }

// inputs reads "numkeys key ..." and what the keys hold; the words after are left.
func (i *inside) inputs(name string, args []string) (sets [][]scored, rest []string, wrong *resp.Value) {
	failed := func(text string) ([][]scored, []string, *resp.Value) {
		v := fail(text)
		return nil, nil, &v
	}
	count, ok := parseInt(args[0])
	switch {
	case !ok:
		return failed(textNotInt)
	case count < 1:
		return failed("ERR at least 1 input key is needed for '" + name + "' command")
	case count > int64(len(args)-1):
		return failed(textSyntax)
	}
	for _, key := range args[1 : 1+count] {
		members, ok := i.scored(key)
		if !ok {
			return failed(textWrongType)
		}
		sets = append(sets, members)
	}
	return sets, args[1+count:], nil
}

// scored is what a sorted set or a set holds, sorted by score and member; false if
// the key holds another type.
func (i *inside) scored(key string) ([]scored, bool) {
	var members []scored
	switch i.do("TYPE", key).Text() {
	case "none":
	case "set":
		for _, member := range items(i.do("SMEMBERS", key)) {
			members = append(members, scored{member, 1})
		}
	case "zset":
		pairs := items(i.do("ZRANGE", key, "0", "-1", "WITHSCORES"))
		for at := 0; at+1 < len(pairs); at += 2 {
			score, _ := strconv.ParseFloat(pairs[at+1], 64)
			members = append(members, scored{pairs[at], score})
		}
	default:
		return nil, false
	}
	slices.SortFunc(members, func(a, b scored) int {
		switch {
		case a.score < b.score:
			return -1
		case a.score > b.score:
			return 1
		}
		return strings.Compare(a.member, b.member)
	})
	return members, true
}

// difference is what only the first of the sets has.
func difference(sets [][]scored) []scored {
	elsewhere := map[string]bool{}
	for _, set := range sets[1:] {
		for _, m := range set {
			elsewhere[m.member] = true
		}
	}
	var only []scored
	for _, m := range sets[0] {
		if !elsewhere[m.member] {
			only = append(only, m)
		}
	}
	return only
}

// store makes the key a sorted set of the members, or nothing if there are none,
// and answers how many there are.
func (i *inside) store(key string, members []scored) resp.Value {
	i.do("DEL", key)
	if len(members) == 0 {
		return resp.Int(0)
	}
	add := []string{"ZADD", key}
	for _, m := range members {
		add = append(add, strconv.FormatFloat(m.score, 'g', -1, 64), m.member)
	}
	return i.do(add...)
}
