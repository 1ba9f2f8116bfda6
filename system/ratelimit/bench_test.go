package ratelimit

import (
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// BenchmarkLocalAllow checks 1,000 subjects in turn: all allowed, or nearly all denied.
func BenchmarkLocalAllow(b *testing.B) {
	subjects := make([]string, 1000)
	for i := range subjects {
		subjects[i] = "key:" + strconv.Itoa(i)
	}
	for _, bc := range []struct {
		name string
		cfg  Config
	}{
		{"allowed", Config{Limit: 1 << 30, Window: 10 * time.Millisecond, MaxEntries: 1 << 30}},
		{"denied", Config{Limit: 1, Window: time.Hour}},
	} {
		b.Run(bc.name, func(b *testing.B) {
			l := onLocal(b, newBubbleModel(), bc.cfg)
			l.now = time.Now
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				_, err := l.Allow(b.Context(), subjects[i%len(subjects)])
				if err != nil {
					b.Fatal(err)
				}
			}
			require.LessOrEqual(b, len(l.memory.subjects), len(subjects))
		})
	}
}
