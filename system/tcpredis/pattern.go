package tcpredis

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"tollgate/system/keyscan"
)

// ErrScan is what errors.Is finds in the error of a scan that does not end: a
// cursor came back twice, or there were more pages than the bound.
var ErrScan = errors.New("tcpredis: scan does not end")

// DeletePattern deletes the keys that match the glob pattern and returns how
// many: SCAN in pages, then a DEL of up to 500 keys at a time. Keys written
// meanwhile may survive. On an error it returns what was deleted so far.
func (s *Store) DeletePattern(ctx context.Context, pattern string) (int64, error) {
	scan := func(ctx context.Context, cursor string) (string, []string, error) {
		return s.scan(ctx, cursor, pattern)
	}
	deleted, err := keyscan.Delete(ctx, scan, s.Del)
	if errors.Is(err, keyscan.ErrEndless) {
		err = fmt.Errorf("%w: SCAN: %w", ErrScan, err)
	}
	return deleted, err
}

// scan returns the next cursor and the keys of one page.
func (s *Store) scan(ctx context.Context, cursor, pattern string) (next string, keys []string, err error) {
	from, err := strconv.ParseUint(cursor, 10, 64)
	if err != nil {
		return "", nil, fmt.Errorf("tcpredis: SCAN: cursor %q: %w", cursor, err)
	}
	var to uint64
	err = s.run("SCAN", func() (err error) {
		keys, to, err = s.client.Scan(ctx, from, pattern, keyscan.PageSize).Result()
		return err
	})
	return strconv.FormatUint(to, 10), keys, err
}
