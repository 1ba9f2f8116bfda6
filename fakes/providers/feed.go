package providers

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"
)

var (
	errTokenExpired = errors.New("sync token expired")
	errTokenInvalid = errors.New("malformed token")
)

// slots bounds the memory for the users' versions.
const slots = 1 << 12

// feed is a collection of items that can be listed in pages and synchronized.
//
// What a user has at a version is a pure function of the version, so all that is kept is a version for each user: users whose names
// fall into the same slot share one, which only makes a calendar change a little more often.
// Each incremental synchronization that is up to date finds the version moved on by one.
type feed struct {
	size, pageSize int
	epoch          atomic.Int64
	versions       [slots]atomic.Int64
}

// record is one item: number names it, revision says which change touched it last (0: none).
type record struct {
	number, revision int64
	deleted          bool
}

// page is one answer of list; exactly one of the tokens is set.
type page struct {
	records             []record
	nextPage, nextToken string
}

func newFeed(pages, pageSize int) *feed {
	return &feed{size: (pages-1)*pageSize + (pageSize+1)/2, pageSize: pageSize}
}

// expire makes all tokens handed out so far expired ones.
func (f *feed) expire() { f.epoch.Add(1) }

// list returns a page of everything (no tokens), of the changes since syncToken, or of the list that pageToken goes on with.
// limit lowers the page size unless it is 0.
func (f *feed) list(user, syncToken, pageToken string, limit int) (page, error) {
	from, to, offset, err := f.window(user, syncToken, pageToken)
	if err != nil {
		return page{}, err
	}
	records := f.state(to)
	if from >= 0 {
		records = difference(f.state(from), records)
	}
	if offset > len(records) {
		return page{}, errTokenInvalid
	}
	size := f.pageSize
	if limit > 0 {
		size = min(size, limit)
	}
	end := min(offset+size, len(records))
	p := page{records: records[offset:end]}
	if end < len(records) {
		p.nextPage = fmt.Sprintf("page.%d.%d.%d", from, to, end)
	} else {
		p.nextToken = fmt.Sprintf("sync.%d.%d.%s", f.epoch.Load(), to, user)
	}
	return p, nil
}

// window says which versions to compare (from is -1 for everything) and where in the result to begin.
func (f *feed) window(user, syncToken, pageToken string) (from, to int64, offset int, err error) {
	version := &f.versions[hash(user)%slots]
	now := version.Load()
	if pageToken != "" {
		n, rest, err := numbers(pageToken, "page", 3)
		if err != nil || rest != "" || n[0] < -1 || n[1] < n[0] || n[1] > now || n[2] < 0 || n[2] > int64(f.size)+now {
			return 0, 0, 0, errTokenInvalid
		}
		return n[0], n[1], int(n[2]), nil
	}
	if syncToken == "" {
		return -1, now, 0, nil
	}
	n, owner, err := numbers(syncToken, "sync", 2)
	if err != nil || owner != user || n[1] < 0 {
		return 0, 0, 0, errTokenInvalid
	}
	if n[0] != f.epoch.Load() || n[1] > now {
		return 0, 0, 0, errTokenExpired
	}
	if n[1] == now {
		version.CompareAndSwap(now, now+1)
		now++
	}
	return n[1], now, 0, nil
}

// numbers reads "<word>.<n>.<n>...<rest>".
func numbers(token, word string, count int) (n []int64, rest string, err error) {
	parts := strings.SplitN(token, ".", count+2)
	if len(parts) < count+1 || parts[0] != word {
		return nil, "", errTokenInvalid
	}
	for _, part := range parts[1 : count+1] {
		value, err := strconv.ParseInt(part, 10, 64)
		if err != nil {
			return nil, "", errTokenInvalid
		}
		n = append(n, value)
	}
	if len(parts) == count+2 {
		rest = parts[count+1]
	}
	return n, rest, nil
}

// state is all there is at a version. Change k touches two of the first size items, takes away the item that change k-1
// added, and adds one.
func (f *feed) state(version int64) []record {
	size := int64(f.size)
	records := make([]record, size, size+1)
	for i := range records {
		records[i].number = int64(i)
	}
	// The last size changes have touched every item at least once.
	for k := max(1, version-size); k <= version; k++ {
		records[2*k%size].revision = k
		records[(2*k+1)%size].revision = k
	}
	if version > 0 {
		records = append(records, record{number: size + version, revision: version})
	}
	return records
}

// difference is what changes before into after: the new and changed records of after, and the deleted ones of before.
func difference(before, after []record) []record {
	old := make(map[int64]record, len(before))
	for _, r := range before {
		old[r.number] = r
	}
	var changes []record
	for _, r := range after {
		if was, known := old[r.number]; !known || was != r {
			changes = append(changes, r)
		}
		delete(old, r.number)
	}
	for _, r := range before {
		if _, gone := old[r.number]; gone {
			changes = append(changes, record{number: r.number, deleted: true})
		}
	}
	return changes
}
