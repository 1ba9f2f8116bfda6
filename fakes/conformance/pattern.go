package conformance

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"strings"

	"tollgate/fakes/upstash/resp"
)

// view is how a reply is seen: in one of RESP's versions, or as REST's JSON shows it.
type view int

const (
	viewRESP2 view = iota
	viewRESP3
	viewREST // RESP2, where a status is a string like any other
)

// pattern is what a reply has to be: a value, or a looser form of one.
type pattern struct {
	grade  grade
	value  resp.Value // of a literal; of a list, its kind only
	items  []pattern  // of a list
	lo, hi int64      // of a range
}

type grade uint8

const (
	literal      grade = iota
	list               // of items, in their order
	sortedList         // of items, in any order
	pairedList         // of pairs of items, in any order
	anyValue           // whatever is no error
	anyString          // a string or a status
	intRange           // an integer from lo to hi
	errorLike          // an error that starts with the value's text
	streamOfKind       // a list of any items
)

// exact says whether only one sequence of bytes can match.
func (p pattern) exact() bool {
	return p.grade == literal || (p.grade == list && !slices.ContainsFunc(p.items, func(i pattern) bool { return !i.exact() }))
}

// matches says whether v, as it was received, is what p asks for in view.
func (p pattern) matches(v resp.Value, in view) bool {
	v = in.of(v)
	switch p.grade {
	case literal:
		return same(in.of(p.value), v)
	case anyValue:
		return !v.IsError()
	case anyString:
		return v.Kind == resp.BulkString || v.Kind == resp.SimpleString || v.Kind == resp.Verbatim
	case intRange:
		return v.Kind == resp.Integer && p.lo <= v.Int && v.Int <= p.hi
	case errorLike:
		return v.IsError() && bytes.HasPrefix(v.Str, p.value.Str)
	}
	if v.Kind != in.of(p.value).Kind {
		return false
	}
	switch p.grade {
	case sortedList:
		return matchAnyOrder(p.items, v.Array, 1, in)
	case pairedList:
		return matchAnyOrder(p.items, v.Array, 2, in)
	case streamOfKind:
		return true
	default:
		return matchInOrder(p.items, v.Array, in)
	}
}

func matchInOrder(items []pattern, values []resp.Value, in view) bool {
	if len(items) != len(values) {
		return false
	}
	for i, item := range items {
		if !item.matches(values[i], in) {
			return false
		}
	}
	return true
}

// matchAnyOrder takes groups of size items and finds each a group of values of its own.
func matchAnyOrder(items []pattern, values []resp.Value, size int, in view) bool {
	if len(items) != len(values) || len(items)%size != 0 {
		return false
	}
	left := slices.Collect(slices.Chunk(values, size))
	for group := range slices.Chunk(items, size) {
		at := slices.IndexFunc(left, func(vs []resp.Value) bool { return matchInOrder(group, vs, in) })
		if at < 0 {
			return false
		}
		left = slices.Delete(left, at, at+1)
	}
	return true
}

// of is v without what the view does not show.
func (in view) of(v resp.Value) resp.Value {
	if in == viewRESP3 {
		return v
	}
	switch v.Kind {
	case resp.Map, resp.Set, resp.Push:
		v.Kind = resp.Array
	case resp.Double:
		v = resp.Bulk(v.Text())
	case resp.Boolean:
		v.Kind = resp.Integer
	case resp.SimpleString:
		if in == viewREST {
			v.Kind = resp.BulkString
		}
	case resp.Verbatim:
		v = resp.Value{Kind: resp.BulkString, Str: v.Str[min(4, len(v.Str)):]}
	}
	return v
}

func same(a, b resp.Value) bool {
	return a.Kind == b.Kind && bytes.Equal(a.Str, b.Str) && a.Int == b.Int &&
		(a.Float == b.Float || (math.IsNaN(a.Float) && math.IsNaN(b.Float)))
}

// String is the pattern as a transcript has it, or nearly.
func (p pattern) String() string {
	switch p.grade {
	case literal:
		return show(p.value)
	case anyValue:
		return "any"
	case anyString:
		return "str"
	case intRange:
		return fmt.Sprintf("%d..%d", p.lo, p.hi)
	case errorLike:
		return show(p.value) + "*"
	case streamOfKind:
		return openingOf(p.value.Kind) + " ... ]"
	}
	words := make([]string, len(p.items))
	for i, item := range p.items {
		words[i] = item.String()
	}
	prefix := map[grade]string{sortedList: "sorted ", pairedList: "pairs "}[p.grade]
	return prefix + openingOf(p.value.Kind) + strings.Join(words, " ") + "]"
}

// show is a value as a transcript has it.
func show(v resp.Value) string {
	switch v.Kind {
	case resp.Array, resp.Set, resp.Push, resp.Map:
		words := make([]string, len(v.Array))
		for i, item := range v.Array {
			words[i] = show(item)
		}
		return openingOf(v.Kind) + strings.Join(words, " ") + "]"
	case resp.Null:
		return "nil"
	case resp.Integer:
		return v.Text()
	case resp.Double:
		return "," + v.Text()
	case resp.Boolean:
		return fmt.Sprint(v.Int != 0)
	case resp.SimpleString, resp.Error:
		return string(v.Kind) + string(v.Str)
	default:
		return fmt.Sprintf("%q", v.Str)
	}
}

func openingOf(kind resp.Kind) string {
	if kind == resp.Array {
		return "["
	}
	return string(kind) + "["
}
