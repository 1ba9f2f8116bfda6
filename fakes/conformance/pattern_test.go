package conformance

import (
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/fakes/upstash/resp"
)

func TestPatterns(t *testing.T) {
	list := func(words ...string) resp.Value {
		v := resp.List()
		for _, w := range words {
			v.Array = append(v.Array, resp.Bulk(w))
		}
		return v
	}
	pair := resp.Value{Kind: resp.Map, Array: list("a", "1").Array}
	double := resp.Value{Kind: resp.Double, Float: 1.5}
	for _, c := range []struct {
		pattern string
		v       resp.Value
		in      view
		want    bool
	}{
		{"+OK", resp.OK(), viewRESP2, true},
		{"+OK", resp.Bulk("OK"), viewRESP2, false},
		{"+OK", resp.Bulk("OK"), viewREST, true},
		{"-ERR no such key", resp.Errorf("ERR no such key"), viewRESP2, true},
		{"-ERR no such key", resp.Errorf("ERR no such key!"), viewRESP2, false},
		{"-ERR no*", resp.Errorf("ERR no such key!"), viewRESP2, true},
		{"-ERR no*", resp.Bulk("ERR no such key!"), viewRESP2, false},
		{"-1", resp.Int(-1), viewRESP2, true},
		{"99..100", resp.Int(98), viewRESP2, false},
		{"int", resp.Bulk("1"), viewRESP2, false},
		{"any", resp.Errorf("ERR"), viewRESP2, false},
		{"nil", resp.Nil(), viewRESP3, true},
		{`"\x00\xff"`, resp.Bulk("\x00\xff"), viewRESP2, true},
		{`["a" "b"]`, list("b", "a"), viewRESP2, false},
		{`sorted ["a" "b"]`, list("b", "a"), viewRESP2, true},
		{`sorted ["a" "a"]`, list("b", "a"), viewRESP2, false},
		{`pairs ["a" "1" "b" "2"]`, list("b", "2", "a", "1"), viewRESP2, true},
		{`pairs ["a" "1" "b" "2"]`, list("b", "1", "a", "2"), viewRESP2, false},
		{`%["a" "1"]`, pair, viewRESP3, true},
		{`%["a" "1"]`, list("a", "1"), viewRESP3, false},
		{`%["a" "1"]`, list("a", "1"), viewRESP2, true},
		{",1.5", double, viewRESP3, true},
		{",1.5", resp.Bulk("1.5"), viewRESP3, false},
		{",1.5", resp.Bulk("1.5"), viewRESP2, true},
		{"[...]", list("a"), viewRESP2, true},
		{`["a" ["b"] -"ERR x"]`, resp.List(resp.Bulk("a"), list("b"), resp.Errorf("ERR x")), viewRESP2, true},
	} {
		p, err := parsePattern(c.pattern)
		require.NoError(t, err)
		require.Equal(t, c.want, p.matches(c.v, c.in), "%s and %v", c.pattern, c.v)
	}
	for _, wrong := range []string{"", "[", `"a`, `["a"] x`, "sorted 1", "1..x", "hello", ",x"} {
		_, err := parsePattern(wrong)
		require.Error(t, err, wrong)
	}
}

// A known difference without a reason is no known difference.
func TestTranscriptsThatAreRefused(t *testing.T) {
	for name, lines := range map[string][]string{
		"a difference without a reason": {"== c", "> PING", "< +PONG", "  redis: +OK", "> PING"},
		"a reply before any case":       {"< +PONG"},
		"no command":                    {"== c", "> "},
		"an unknown directive":          {"== c", "! nosuch"},
		"an exception without a reason": {"== c", "! not redis"},
		"a variant of nothing":          {"== c", "  redis: +OK"},
		"neither of these":              {"== c", "PING"},
	} {
		p := transcriptParser{family: "f"}
		var err error
		for i, line := range lines {
			if err == nil {
				err = p.add(i+1, line)
			}
		}
		require.Error(t, err, name)
	}
}

func TestTheMostSpecialVariantHolds(t *testing.T) {
	p := transcriptParser{family: "f"}
	for i, line := range []string{"== c", "> PING", "< 1", "  resp3: 2", "  embedded: 3", "  why: x", "  embedded resp3: 4", "  why: y"} {
		require.NoError(t, p.add(i+1, line))
	}
	reply := p.cases[0].steps[1]
	for want, labels := range map[string][]string{"1": {"resp2"}, "2": {"resp3"}, "3": {"resp2", "embedded"}, "4": {"resp3", "embedded"}} {
		require.Equal(t, want, reply.under(labels).String())
	}
}
