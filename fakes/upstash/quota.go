package upstash

import (
	"fmt"
	"sync"
	"time"
)

// quota is how many billed commands the calendar month has had. It starts anew
// with each month, by UTC.
type quota struct {
	limit int64 // 0 means none
	clock func() time.Time

	mu    sync.Mutex
	month time.Month
	year  int
	used  int64
}

// take books n billed commands if the month has room for all of them. If not, it
// books none and returns the text that clients get.
func (q *quota) take(n int64) (refusal string) {
	if q.limit == 0 {
		return ""
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.roll()
	if q.used+n > q.limit {
		return fmt.Sprintf(textQuota, q.limit, q.used)
	}
	q.used += n
	return ""
}

// add books n billed commands that cannot be refused any more, such as those inside
// a script that is running. A negative n takes some back.
func (q *quota) add(n int64) {
	if q.limit == 0 {
		return
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.roll()
	q.used = max(0, q.used+n)
}

func (q *quota) roll() {
	if year, month, _ := q.clock().UTC().Date(); year != q.year || month != q.month {
		q.year, q.month, q.used = year, month, 0
	}
}
