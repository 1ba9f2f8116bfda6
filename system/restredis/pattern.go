package restredis

import (
	"context"
	"fmt"
	"strconv"
)

// Bounds of DeletePattern.
const (
	scanCount   = 1000    // keys that one SCAN looks at
	maxDelKeys  = 500     // keys that one DEL names
	maxDelBytes = 1 << 20 // bytes of keys that one DEL names
	maxPages    = 100_000 // SCANs of one call
)

// DeletePattern deletes the keys that match the glob pattern and returns how
// many: SCAN in pages, then a DEL of up to 500 keys at a time. Keys written
// meanwhile may survive. On an error it returns what was deleted so far. A scan
// whose cursor comes back, or that has more than 100,000 pages, is an ErrScan.
func (c *Client) DeletePattern(ctx context.Context, pattern string) (int64, error) {
	var deleted int64
	cursor := "0"
	seen := map[string]struct{}{}
	for range maxPages {
		next, keys, err := c.scan(ctx, cursor, pattern)
		if err != nil {
			return deleted, err
		}
		for len(keys) > 0 {
			n := delChunk(keys)
			count, err := c.Del(ctx, keys[:n]...)
			deleted += count
			if err != nil {
				return deleted, err
			}
			keys = keys[n:]
		}
		if next == "0" {
			return deleted, nil
		}
		if _, again := seen[next]; again {
			return deleted, &Error{Kind: KindScan, Command: "SCAN", Message: fmt.Sprintf("a cursor came back after %d pages", len(seen))}
		}
		seen[next] = struct{}{}
		cursor = next
	}
	return deleted, &Error{Kind: KindScan, Command: "SCAN", Message: fmt.Sprintf("more than %d pages", maxPages)}
}

// scan returns the next cursor and the keys of one page.
func (c *Client) scan(ctx context.Context, cursor, pattern string) (string, []string, error) {
	page, err := c.list(ctx, "SCAN", cursor, "MATCH", pattern, "COUNT", strconv.Itoa(scanCount))
	if err != nil {
		return "", nil, err
	}
	if len(page) != 2 {
		return "", nil, malformed("SCAN", fmt.Errorf("%w: %d elements, not cursor and keys", errReply, len(page)))
	}
	var next string
	switch v := page[0].(type) {
	case string:
		next = v
	case int64: // some servers of the same API send a number
		next = strconv.FormatInt(v, 10)
	default:
		return "", nil, unexpected("SCAN", page[0])
	}
	elements, ok := page[1].([]any)
	if !ok {
		return "", nil, unexpected("SCAN", page[1])
	}
	keys, err := stringsOf("SCAN", elements)
	return next, keys, err
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
