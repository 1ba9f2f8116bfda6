package script

import (
	"regexp"
	"strings"
	"unicode"

	lua "github.com/yuin/gopher-lua"

	"tollgate/fakes/upstash/resp"
)

// maxDepth is how many tables of a reply may lie within each other. One that holds itself goes beyond.
const maxDepth = 128

// hasLine is how the error of a run begins whose place is known.
var hasLine = regexp.MustCompile(`^:\d+: `)

// failure is the reply of a script that failed while it ran.
func failure(err error) resp.Value {
	text := err.Error()
	if hasLine.MatchString(text) {
		return errorOf("ERR Error running script: @user_script" + text)
	}
	return errorOf("ERR Error running script: " + text)
}

func errorOf(text string) resp.Value { return resp.Value{Kind: resp.Error, Str: []byte(oneLine(text))} }

// oneLine has a blank for every white space, since a reply of one line ends with the line.
func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return ' '
		}
		return r
	}, text)
}

// replyOf is what a script answers that returns the value.
func replyOf(v lua.LValue) resp.Value {
	reply, ok := replyAt(v, 0)
	if !ok {
		return errorOf("ERR reached lua stack limit")
	}
	return reply
}

// replyAt is the reply at a depth; it is false where a table is too deep.
func replyAt(v lua.LValue, depth int) (resp.Value, bool) {
	switch v := v.(type) {
	case lua.LString:
		return resp.Bulk(string(v)), true
	case lua.LNumber:
		return resp.Int(int64(v)), true
	case lua.LBool:
		if v {
			return resp.Int(1), true
		}
	case *lua.LTable:
		return replyOfTable(v, depth)
	}
	return resp.Nil(), true
}

// replyOfTable is a list up to the first hole, but for a status and an error.
func replyOfTable(table *lua.LTable, depth int) (resp.Value, bool) {
	if text := table.RawGetString("err"); text != lua.LNil {
		return errorOf(text.String()), true
	}
	if text := table.RawGetString("ok"); text != lua.LNil {
		return resp.Simple(oneLine(text.String())), true
	}
	if depth == maxDepth {
		return resp.Value{}, false
	}
	items := make([]resp.Value, 0, table.Len())
	for at := 1; ; at++ {
		v := table.RawGetInt(at)
		if v == lua.LNil {
			return resp.List(items...), true
		}
		item, ok := replyAt(v, depth+1)
		if !ok {
			return item, false
		}
		items = append(items, item)
	}
}

// valueOf is a command's reply as scripts see it.
func valueOf(state *lua.LState, reply resp.Value) lua.LValue {
	switch reply.Kind {
	case resp.Integer:
		return lua.LNumber(reply.Int)
	case resp.Null:
		return lua.LFalse
	case resp.SimpleString:
		return single(state, "ok", string(reply.Str))
	case resp.Error:
		return single(state, "err", string(reply.Str))
	case resp.Array:
		table := state.CreateTable(len(reply.Array), 0)
		for _, item := range reply.Array {
			table.Append(valueOf(state, item))
		}
		return table
	}
	return lua.LString(reply.Str)
}

// single makes a table with a status or an error.
func single(state *lua.LState, name, text string) *lua.LTable {
	table := state.CreateTable(0, 1)
	table.RawSetString(name, lua.LString(text))
	return table
}
