package reports

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestWrap(t *testing.T) {
	tests := map[string]struct {
		text  string
		width int
		want  []string
	}{
		"fits":           {"one two", 7, []string{"one two"}},
		"breaks":         {"one two", 6, []string{"one", "two"}},
		"long word":      {"a abcdefgh b", 3, []string{"a", "abc", "def", "gh", "b"}},
		"counts letters": {"äöü äöü", 3, []string{"äöü", "äöü"}},
		"nothing":        {"", 5, []string{""}},
		"no width":       {"ab", 0, []string{"a", "b"}},
		"keeps units":    {"a <= 60 %: b", 9, []string{"a", "<= 60 %:", "b"}},
		"blanks":         {"  a   b ", 9, []string{"a b"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, tt.want, wrap(tt.text, tt.width))
		})
	}
}

func TestWrapLosesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[a-zäß ×%<=]{0,80}`).Draw(t, "text")
		width := rapid.IntRange(1, 20).Draw(t, "width")
		lines := wrap(text, width)
		require.Equal(t, strings.Join(strings.Fields(text), ""), strings.Join(strings.Fields(strings.Join(lines, " ")), ""))
		for _, line := range lines {
			require.LessOrEqual(t, utf8.RuneCountInString(line), width)
		}
	})
}
