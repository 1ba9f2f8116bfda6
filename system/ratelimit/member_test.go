package ratelimit

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func FuzzMember(f *testing.F) {
	f.Add("a", "ab", int64(0))
	f.Add("a\x00", "a%00", int64(1_800_000_000_000_000))
	f.Add(strings.Repeat("x", 200), "%sha256:", int64(9_999_999_999_999_999))
	f.Fuzz(func(t *testing.T, one, other string, micros int64) {
		if one == "" || other == "" || micros < 0 || micros > 9_999_999_999_999_999 {
			return
		}
		a, b := escape(one), escape(other)
		require.Equal(t, one == other, a == b, "escape is injective")
		require.LessOrEqual(t, len(a), 3*maxSubject)
		require.NotContains(t, a, separator)
		entry := member(a, micros, "u")
		at, ok := memberTime(entry, a)
		require.True(t, ok)
		require.Equal(t, micros, at)
		subject, at, unique, ok := splitMember(entry)
		require.True(t, ok)
		require.Equal(t, entry, member(subject, at, unique))
		require.Equal(t, a, subject)
		if subject, at, unique, ok := splitMember(other); ok {
			require.Equal(t, other, member(subject, at, unique), "what is taken apart can be put together")
		}
		lower, upper := lexRange(b, 0)
		inside := entry >= lower[1:] && entry < upper[1:]
		require.Equal(t, one == other, inside, "the range of a subject holds its own members only")
	})
}

func TestMemberTimeRefusesWhatIsNoMember(t *testing.T) {
	for _, m := range []string{"", "a", "a\x00", "a\x00123", "a\x00123456789012345x\x00u", "b\x001234567890123456\x00u"} {
		_, ok := memberTime(m, "a")
		require.False(t, ok, "%q", m)
	}
}
