package rest

import (
	"bufio"
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
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
		`["SET", "k", "{\"a\":1}\n\\" ]`, `[1.5e-7,-0.0,0e1]`, `[-]`, `[1.]`, `["\x"]`, `["é"]`, `["a\`, "[\"a\tb\"]",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		requireSameAsSlow(t, body)
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

// requireSameAsSlow wants of the scanner what the parser finds that goes by encoding/json, or no opinion.
func requireSameAsSlow(t *testing.T, body []byte) {
	t.Helper()
	var w words
	if s := (scanner{body: body, words: &w}); s.command() && s.end() {
		want, err := parseCommand(body)
		require.NoError(t, err)
		require.Equal(t, [][][]byte{want}, w.cmds)
	}
	w = words{}
	if s := (scanner{body: body, words: &w}); s.commands() && s.end() {
		want, err := parseCommands(body)
		require.NoError(t, err)
		require.Equal(t, want, w.cmds)
	}
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

// outcome is what is sent of a reply.
func outcome(t *testing.T, enc encoding, v resp.Value) []byte {
	t.Helper()
	w := httptest.NewRecorder()
	x := (&handler{}).begin(w, httptest.NewRequest(http.MethodPost, "/", nil))
	x.encoding = enc
	x.replies.Add(v)
	require.NoError(t, x.drain())
	require.NoError(t, x.sender.finish())
	return w.Body.Bytes()
}

func FuzzStringsBecomeJSON(f *testing.F) {
	for _, seed := range []string{"", "plain", "\x00\x1f\"\\/\n", "\xff\xc0\x80", "\u2028é€😀", "\xed\xa0\x80"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, s []byte) {
		out := outcome(t, encoding{}, resp.Value{Kind: resp.BulkString, Str: s})
		require.True(t, utf8.Valid(out))
		var back struct{ Result string }
		require.NoError(t, json.Unmarshal(out, &back), "%q", out)
		require.Equal(t, string([]rune(string(s))), back.Result)
	})
}

// Whatever an engine replies, what is sent is JSON, or there is an error.
func FuzzRepliesBecomeJSON(f *testing.F) {
	for _, seed := range []string{
		"+OK\r\n", "-ERR no\r\n", ":1\r\n", ":-0\r\n", "$-1\r\n", "*-1\r\n", "$3\r\na\"\xff\r\n", "*0\r\n",
		"*3\r\n*1\r\n$1\r\nx\r\n:9223372036854775807\r\n-ERR in\r\n", "_\r\n", "%1\r\n+a\r\n:1\r\n", "$2\r\nab:1\r\n", ":x\r\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		for _, enc := range []encoding{{}, {base64: true}} {
			w := httptest.NewRecorder()
			x := (&handler{}).begin(w, httptest.NewRequest(http.MethodPost, "/", nil))
			x.encoding = enc
			if _, err := x.replies.Read(bufio.NewReader(bytes.NewReader(raw)), resp.Limits{}, 1<<20); err != nil || x.replies.count == 0 {
				return
			}
			if err := x.drain(); err != nil {
				return
			}
			require.NoError(t, x.sender.finish())
			require.True(t, json.Valid(w.Body.Bytes()), "%q", w.Body)
			require.True(t, utf8.Valid(w.Body.Bytes()))
		}
	})
}
