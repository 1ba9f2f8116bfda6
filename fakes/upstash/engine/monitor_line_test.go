package engine

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// words takes apart what follows the address.
func words(text []byte) (all []string, whole bool) {
	for len(text) > 0 {
		word, rest, ok := nextWord(nil, text)
		if !ok {
			return all, false
		}
		all, text = append(all, string(word)), rest
	}
	return all, true
}

func TestParseMonitorLine(t *testing.T) {
	for line, want := range map[string][]string{
		`1339518083.107412 [0 127.0.0.1:60866] "keys" "*"`:               {"127.0.0.1:60866", "keys", "*"},
		`1339518083.107412 [0 [::1]:60866] "ping"`:                       {"[::1]:60866", "ping"},
		`1339518083.107412 [12 lua] "set" "k" ""`:                        {"lua", "set", "k", ""},
		`1.2 [0 unix:/tmp/a b.sock] "get" "k"`:                           {"unix:/tmp/a b.sock", "get", "k"},
		`1.2 [0 lua] "set" "a\"b\\c" "\n\r\t\a\b" "\x00\xff\x7F" "] \""`: {"lua", "set", `a"b\c`, "\n\r\t\a\b", "\x00\xff\x7f", `] "`},
	} {
		from, rest, ok := parseMonitorLine([]byte(line))
		require.True(t, ok, line)
		all, whole := words(rest)
		require.True(t, whole, line)
		require.Equal(t, want, append([]string{string(from)}, all...), line)
	}
}

func TestParseMonitorLineThatIsNone(t *testing.T) {
	for _, line := range []string{"", "OK", "1.2", "1.2 [", "1.2 [0", "1.2 [0 lua", "1.2 [0 lua]", `1.2 [0 lua]"get"`, `1.2 [0]"get"`} {
		_, _, ok := parseMonitorLine([]byte(line))
		require.False(t, ok, line)
	}
	for _, text := range []string{`get`, `"get`, `"\`, `"\q"`, `"\x0"`, `"\x0g"`, `"\xg0"`, `"a" b`, `"a\"`} {
		_, whole := words([]byte(text))
		require.False(t, whole, text)
	}
}

// quote is Redis's rule, written down once more: what Go quotes, but for what Go
// takes for printable beyond ASCII and for \f and \v.
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i := range len(s) {
		switch c := s[i]; {
		case c >= ' ' && c <= '~' || strings.IndexByte("\n\r\t\a\b", c) >= 0:
			quoted := fmt.Sprintf("%q", string(c))
			b.WriteString(quoted[1 : len(quoted)-1])
		default:
			fmt.Fprintf(&b, `\x%02x`, c)
		}
	}
	b.WriteByte('"')
	return b.String()
}

func FuzzMonitorLine(f *testing.F) {
	f.Add("set", "k", "\x00\"\\ ] \"\n")
	f.Add("", "", "é")
	f.Fuzz(func(t *testing.T, a, b, c string) {
		line := "1.2 [0 [::1]:1] " + quote(a) + " " + quote(b) + " " + quote(c)
		from, rest, ok := parseMonitorLine([]byte(line))
		require.True(t, ok)
		require.Equal(t, "[::1]:1", string(from))
		all, whole := words(rest)
		require.True(t, whole)
		require.Equal(t, []string{a, b, c}, all)

		if _, rest, ok := parseMonitorLine([]byte(a + " [0 " + b + `] "` + c)); ok { // whatever comes: no panic, no hang
			all, _ := words(rest)
			require.LessOrEqual(t, len(strings.Join(all, "")), len(b)+len(c))
		}
	})
}
