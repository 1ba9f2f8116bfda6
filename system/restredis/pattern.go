package restredis

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"tollgate/system/keyscan"
)

// DeletePattern deletes the keys that match the glob pattern and returns how
// many: SCAN in pages, then a DEL of up to 500 keys at a time. Keys written
// meanwhile may survive. On an error it returns what was deleted so far. A scan
// whose cursor comes back, or that has more than 100,000 pages, is an ErrScan.
func (c *Client) DeletePattern(ctx context.Context, pattern string) (int64, error) {
	scan := func(ctx context.Context, cursor string) (string, []string, error) {
		return c.scan(ctx, cursor, pattern)
	}
	deleted, err := keyscan.Delete(ctx, scan, c.Del)
	if errors.Is(err, keyscan.ErrEndless) {
		err = &Error{Kind: KindScan, Command: "SCAN", Message: err.Error()}
	}
	return deleted, err
}

// scan returns the next cursor and the keys of one page.
func (c *Client) scan(ctx context.Context, cursor, pattern string) (string, []string, error) {
	page, err := c.list(ctx, "SCAN", cursor, "MATCH", pattern, "COUNT", strconv.Itoa(keyscan.PageSize))
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
