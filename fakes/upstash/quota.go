package upstash

import (
	"cmp"
	"fmt"
	"sync"
	"time"
)

// assumedQuota is what a plan without a limit is said to have had, when a fault
// says that it is spent: that of the free plan.
const assumedQuota = 500_000

// quota is how many billed commands the calendar month has had. It starts anew
// with each month, by UTC.
type quota struct {
	limit int64 // 0 means none
	clock func() time.Time
	spent func() bool // a fault says that it is

	mu    sync.Mutex
	month time.Month
	year  int
	used  int64
}

// take books n billed commands if the month has room for all of them. If not, it
// books none and returns the text that clients get.
func (q *quota) take(n int64) (refusal string) {
	if n > 0 && q.spent() {
		limit := cmp.Or(q.limit, assumedQuota)
		return fmt.Sprintf(textQuota, limit, limit)
	}
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
