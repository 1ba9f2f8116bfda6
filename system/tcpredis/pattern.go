package tcpredis

import (
	"context"
	"errors"
	"fmt"
)

// Bounds of DeletePattern.
const (
	scanCount   = 1000    // keys that one SCAN looks at
	maxDelKeys  = 500     // keys that one DEL names
	maxDelBytes = 1 << 20 // bytes of keys that one DEL names
	maxPages    = 100_000 // SCANs of one call
)

// ErrScan is what errors.Is finds in the error of a scan that does not end: a
// cursor came back twice, or there were more pages than the bound.
var ErrScan = errors.New("tcpredis: scan does not end")

// DeletePattern deletes the keys that match the glob pattern and returns how
// many: SCAN in pages, then a DEL of up to 500 keys at a time. Keys written
// meanwhile may survive. On an error it returns what was deleted so far.
func (s *Store) DeletePattern(ctx context.Context, pattern string) (int64, error) {
	var deleted int64
	var cursor uint64
	seen := map[uint64]struct{}{}
	for range maxPages {
		var keys []string
		err := s.run("SCAN", func() (err error) {
			keys, cursor, err = s.client.Scan(ctx, cursor, pattern, scanCount).Result()
			return err
		})
		if err != nil {
			return deleted, err
		}
		for len(keys) > 0 {
			n := delChunk(keys)
			count, err := s.Del(ctx, keys[:n]...)
			deleted += count
			if err != nil {
				return deleted, err
			}
			keys = keys[n:]
		}
		if cursor == 0 {
			return deleted, nil
		}
		if _, again := seen[cursor]; again {
			return deleted, fmt.Errorf("%w: SCAN: cursor %d came back after %d pages", ErrScan, cursor, len(seen))
		}
		seen[cursor] = struct{}{}
	}
	return deleted, fmt.Errorf("%w: SCAN: more than %d pages", ErrScan, maxPages)
}

// delChunk returns how many of keys, at least one, fit into one DEL.
func delChunk(keys []string) int {
	size := 0
	for i, key := range keys[:min(len(keys), maxDelKeys)] {
		if size += len(key); size > maxDelBytes && i > 0 {
			return i
		}
	}
	return min(len(keys), maxDelKeys)
}
