package upstash

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestWindowFollowsTheSizeOfReplies(t *testing.T) {
	w := newWindow()
	for range 16 + 32 + 64 + 128 {
		w.arrived(1, 2)
	}
	require.Equal(t, 256, w.size)
	w.arrived(1, 1<<20)
	require.Equal(t, minWindow, w.size, "a single large reply")
	for range minWindow {
		w.arrived(1, 1<<10)
	}
	require.Equal(t, 2*minWindow, w.size)
	w.arrived(1, windowBytes/2)
	w.arrived(1, windowBytes/2+2)
	require.Equal(t, minWindow, w.size)
}

// Whatever comes, a window lets something through, and what it lets through of
// replies of one size comes to little more than windowBytes, or is as few as can be.
func TestWindowIsBounded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWindow()
		for _, size := range rapid.SliceOf(rapid.Int64Range(0, 1<<21)).Draw(t, "before") {
			w.arrived(1, size)
			require.GreaterOrEqual(t, w.size, minWindow)
			require.LessOrEqual(t, w.size, maxWindow)
		}
		size := rapid.Int64Range(0, 1<<21).Draw(t, "size")
		for range 3 * maxWindow {
			w.arrived(1, size)
		}
		require.LessOrEqual(t, int64(w.size)*size, max(2*windowBytes, minWindow*size))
	})
}
