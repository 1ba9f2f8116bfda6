package keyscan

import (
	"context"
	"errors"
	"fmt"
)

// Bounds of one deletion.
const (
	// PageSize is how many keys one SCAN looks at.
	PageSize = 1000
	// MaxDelKeys is how many keys one DEL names at most.
	MaxDelKeys = 500
	// MaxDelBytes is how many bytes of keys one DEL names at most, unless a single
	// key is longer: 1 MiB.
	MaxDelBytes = 1 << 20
	// MaxPages is how many SCANs one deletion sends at most.
	MaxPages = 100_000
)

// firstCursor begins a scan; a scan that comes back to it is complete.
const firstCursor = "0"

// ErrEndless means that a scan does not end: a cursor came back twice, or there
// were more pages than MaxPages.
var ErrEndless = errors.New("scan does not end")

// Scan sends one SCAN from cursor, looking at PageSize keys, and returns the next
// cursor and the keys that matched.
type Scan func(ctx context.Context, cursor string) (next string, keys []string, err error)

// Del sends one DEL and returns how many keys it deleted.
type Del func(ctx context.Context, keys ...string) (int64, error)

// Delete deletes all keys that scan finds and returns how many. On an error, of
// scan, of del, or ErrEndless, it returns how many were deleted before it.
func Delete(ctx context.Context, scan Scan, del Del) (int64, error) {
	var deleted int64
	seen := map[string]struct{}{}
	for cursor := firstCursor; len(seen) < MaxPages; {
		next, keys, err := scan(ctx, cursor)
		if err != nil {
			return deleted, err
		}
		n, err := deleteAll(ctx, del, keys)
		deleted += n
		if err != nil || next == firstCursor {
			return deleted, err
		}
		if _, again := seen[next]; again {
			return deleted, fmt.Errorf("%w: cursor %s came back after %d pages", ErrEndless, next, len(seen))
		}
		seen[next] = struct{}{}
		cursor = next
	}
	return deleted, fmt.Errorf("%w: more than %d pages", ErrEndless, MaxPages)
}

func deleteAll(ctx context.Context, del Del, keys []string) (deleted int64, err error) {
	for len(keys) > 0 && err == nil {
		var n int64
		chunk := chunkSize(keys)
		n, err = del(ctx, keys[:chunk]...)
		deleted += n
		keys = keys[chunk:]
	}
	return deleted, err
}

// chunkSize returns how many of keys, at least one, fit into one DEL.
func chunkSize(keys []string) int {
	size := 0
	for i, key := range keys[:min(len(keys), MaxDelKeys)] {
		if size += len(key); size > MaxDelBytes && i > 0 {
			return i
		}
	}
	return min(len(keys), MaxDelKeys)
}
