package commands_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/fakes/upstash/commands"
)

func TestKeys(t *testing.T) {
	for call, want := range map[string]string{
		"GET k":                      "k",
		"SET k v":                    "k",
		"XINFO STREAM s":             "s",
		"MEMORY USAGE k":             "k",
		"DEL a b c":                  "a b c",
		"BLPOP a b 0":                "a b",
		"MSET a 1 b 2":               "a b",
		"JSON.MSET a $ 1 b $ 2":      "a b",
		"RENAME a b":                 "a b",
		"BITOP AND to a b":           "to a b",
		"EVAL script 2 a b x":        "a b",
		"EVALSHA sha 0 x":            "",
		"EVAL script 9 a":            "a",
		"EVAL script many a":         "",
		"EVAL script -1 a":           "",
		"ZUNIONSTORE to 2 a b":       "to a b",
		"LMPOP 1 a LEFT":             "a",
		"BZMPOP 0 2 a b MIN":         "a b",
		"PUBLISH channel m":          "",
		"CLIENT SETNAME me":          "",
		"CONFIG GET x":               "",
		"PING hello":                 "",
		"MULTI":                      "",
		"GET":                        "",
		"SCRIPT LOAD return":         "",
		"SEARCH.QUERY index q":       "",
		"XREAD COUNT 1 STREAMS s 0":  "",
		"MSET a":                     "a",
		"XGROUP CREATE s g $":        "",
		"ZADD board 1 member":        "board",
		"SINTERCARD 2 a b LIMIT 1":   "a b",
		"GEOSEARCHSTORE to from x y": "to from",
	} {
		var args [][]byte
		for word := range strings.FieldsSeq(call) {
			args = append(args, []byte(word))
		}
		cmd, known := commands.Lookup(args)
		require.True(t, known, call)
		var got []string
		for key := range cmd.Keys(args) {
			got = append(got, string(key))
		}
		require.Equal(t, strings.Fields(want), append([]string{}, got...), call)
	}
}
