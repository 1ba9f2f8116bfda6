package ratelimit

import (
	"context"
	"strconv"
	"time"
)

// expirySlack is added to a bucket's time to live, for processes whose clocks are behind.
const expirySlack = time.Minute

// buckets are the sorted sets in which Lean and Local keep their log: one for each stretch of time, for all subjects.
type buckets struct {
	cfg    Config
	prefix string // of their keys
	bucket int64  // the length of each, in microseconds

	expiries expiries
}

func newBuckets(cfg Config) buckets {
	length := cfg.Bucket.Microseconds()
	return buckets{
		cfg:      cfg,
		prefix:   "ratelimit-lean:" + cfg.Name + ":" + strconv.FormatInt(length, 10) + ":",
		bucket:   length,
		expiries: expiries{latest: -1},
	}
}

// key is the key of a bucket; bucket 0 begins in 1970.
func (b *buckets) key(bucket int64) string { return b.prefix + strconv.FormatInt(bucket, 10) }

// expire gives a bucket that was written to its time to live, once; what fails is repeated at a later call.
func (b *buckets) expire(ctx context.Context, bucket int64) {
	for _, due := range b.expiries.take(bucket) {
		ttl := wholeSeconds(b.cfg.Bucket + b.cfg.Window + expirySlack)
		if _, err := b.cfg.Store.Expire(ctx, b.key(due), ttl); err != nil {
			b.expiries.giveBack(due)
		}
	}
}
