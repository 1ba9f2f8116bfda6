package rest

import (
	"bytes"
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"tollgate/fakes/upstash/resp"
)

func FuzzParsePath(f *testing.F) {
	for _, seed := range []string{"", "/", "/get/k", "/set/a%2Fb/c%20d", "//x//", "/%", "/%zz", "/set/k/\xff", "/a+b"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, escaped string) {
		args, err := parsePath(escaped)
		if err != nil {
			require.Contains(t, err.Error(), "ERR path of the request")
			return
		}
		require.Len(t, args, strings.Count(strings.TrimPrefix(escaped, "/"), "/")+1)
		again := ""
		for _, arg := range args {
			again += "/" + url.PathEscape(string(arg))
		}
		back, err := parsePath(again)
		require.NoError(t, err)
		require.Equal(t, args, back)
	})
}

func FuzzParseQuery(f *testing.F) {
	for _, seed := range []string{"", "EX=100&NX", "_token=a&_token=b", "a=b=c", "&&=&", "%zz", "_token=%", "a+b=c%20d"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		q, err := parseQuery(raw)
		if err != nil {
			require.Contains(t, err.Error(), "ERR query of the request")
			return
		}
		total := len(q.token)
		for _, arg := range q.args {
			total += len(arg)
		}
		require.LessOrEqual(t, total, len(raw))
	})
}

func FuzzParseBody(f *testing.F) {
	for _, seed := range []string{
		``, `[]`, `[[]]`, `["GET","k"]`, `[["GET","k"],["SET","k",1.50]]`, `["a",null]`, `["a",{}]`, `["a",true]`,
		`["\ud800\u0000"]`, "[\"\xff\"]", `[1e999,-0]`, `["a"]]`, `[[["a"]]]`, `[["a"`, `{"a":["b"]}`, `["a",]`, `[,]`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		if args, err := parseCommand(body); err == nil {
			var want []any
			dec := json.NewDecoder(bytes.NewReader(body))
			dec.UseNumber()
			require.NoError(t, dec.Decode(&want), "what is taken for a command is JSON")
			requireSameWords(t, want, args)
		} else {
			require.NotEmpty(t, err.Error())
		}
		if cmds, err := parseCommands(body); err == nil {
			var want [][]any
			dec := json.NewDecoder(bytes.NewReader(body))
			dec.UseNumber()
			require.NoError(t, dec.Decode(&want))
			require.Len(t, cmds, len(want))
			for i := range want {
				requireSameWords(t, want[i], cmds[i])
			}
		}
	})
}

func requireSameWords(t *testing.T, want []any, args [][]byte) {
	t.Helper()
	require.NotEmpty(t, args)
	require.Len(t, args, len(want))
	for i, v := range want {
		if s, ok := v.(string); ok {
			require.Equal(t, s, string(args[i]))
		}
	}
}

func FuzzStringsBecomeJSON(f *testing.F) {
	for _, seed := range []string{"", "plain", "\x00\x1f\"\\/\n", "\xff\xc0\x80", "\u2028é€😀", "\xed\xa0\x80"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, s []byte) {
		out := encoding{}.appendJSON(nil, resp.Value{Kind: resp.BulkString, Str: s})
		require.True(t, utf8.Valid(out))
		var back string
		require.NoError(t, json.Unmarshal(out, &back), "%q", out)
		require.Equal(t, string([]rune(string(s))), back)
	})
}
