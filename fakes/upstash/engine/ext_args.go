package engine

import (
	"strconv"
	"strings"

	"tollgate/fakes/upstash/resp"
)

// The texts of Redis that extensions share.
const (
	textSyntax    = "ERR syntax error"
	textNotInt    = "ERR value is not an integer or out of range"
	textWrongType = "WRONGTYPE Operation against a key holding the wrong kind of value"
)

func fail(text string) resp.Value { return resp.Errorf("%s", text) }

// parseInt reads an integer as strictly as Redis does: no sign but a minus, no
// leading zeros.
func parseInt(s string) (int64, bool) {
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil && strconv.FormatInt(n, 10) == s
}

// is compares a word of a command with an option's name, which is in upper case.
func is(word, option string) bool { return strings.EqualFold(word, option) }

// holds says whether the key exists and, if it holds another type than that, the
// error.
func (i *inside) holds(key, kind string) (exists bool, wrong *resp.Value) {
	switch i.do("TYPE", key).Text() {
	case "none":
		return false, nil
	case kind:
		return true, nil
	}
	v := fail(textWrongType)
	return true, &v
}

// texts are the items of a list, as text.
func items(list resp.Value) []string {
	all := make([]string, len(list.Array))
	for i, item := range list.Array {
		all[i] = item.Text()
	}
	return all
}

func integers(ns []int64) resp.Value {
	list := resp.List()
	for _, n := range ns {
		list.Array = append(list.Array, resp.Int(n))
	}
	return list
}
