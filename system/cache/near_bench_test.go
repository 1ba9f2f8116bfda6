package cache

import (
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// BenchmarkNearGet looks 1,000 keys up in turn, without decoding.
func BenchmarkNearGet(b *testing.B) {
	for _, sole := range []bool{false, true} {
		b.Run("sole="+strconv.FormatBool(sole), func(b *testing.B) {
			n := newNear(&Near{Size: DefaultNearSize, Bytes: DefaultNearBytes, TTL: time.Hour, Sole: sole})
			n.doubt = time.Time{}
			keys := make([]string, 1000)
			for i := range keys {
				keys[i] = "suggestions:u-" + strconv.Itoa(i)
				require.True(b, n.wrote(keys[i], []byte(`"value"`), time.Hour, time.Now(), n.generation(keys[i])))
			}
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if a, ok := n.get(keys[i%len(keys)]); !ok || !a.found {
					b.Fatal("not near")
				}
			}
		})
	}
}
