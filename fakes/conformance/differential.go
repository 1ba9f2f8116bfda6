package conformance

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
)

// Differential runs the cases against two targets and wants the same bytes of
// both, in RESP2 and in RESP3, wherever a reply is exact and the case does not say
// that the two differ. If either is missing, it is skipped.
func Differential(t *testing.T, a, b Target) {
	t.Helper()
	for _, target := range []Target{a, b} {
		if target.Missing != "" {
			t.Skipf("%s: %s", target.Name, target.Missing)
		}
	}
	prefix := newPrefix()
	cases, err := loadTranscripts(prefix)
	require.NoError(t, err)
	for _, door := range []string{doorRESP2, doorRESP3} {
		t.Run(door, func(t *testing.T) {
			for _, c := range cases {
				t.Run(c.family+"/"+c.name, func(t *testing.T) { compare(t, a, b, door, prefix, c) })
			}
		})
	}
}

func compare(t *testing.T, a, b Target, door, prefix string, c transcript) {
	var seen [2][]exchange
	for i, target := range []Target{a, b} {
		if why := target.reasonToSkip(c, door); why != "" {
			t.Skipf("%s: %s", target.Name, why)
		}
		talk := converse(t, target.Open(t), door)
		require.NotNil(t, talk, "%s has no door for %s", target.Name, door)
		seen[i] = play(t, c, talk, append([]string{door}, target.Traits...))
		sweep(talk, c.keys(prefix))
	}
	require.Len(t, seen[1], len(seen[0]))
	for i, left := range seen[0] {
		right := seen[1][i]
		agreed := left.want.String() == right.want.String() && left.want.exact()
		if agreed && !bytes.Equal(left.raw, right.raw) {
			t.Errorf("%s.txt:%d: %q\n %s: %q\n %s: %q", c.family, left.step.line, left.step.text, a.Name, left.raw, b.Name, right.raw)
		}
	}
}
