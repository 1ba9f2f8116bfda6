package ledger

// chunkSize is how many items a ring takes memory for at a time.
const chunkSize = 512

// ring keeps the newest limit items. It takes memory as it fills, in chunks, so that no item is moved.
type ring[T any] struct {
	limit  int
	chunks [][]T
	count  int // of items, at most limit
	next   int // where the next item goes
}

// at is where the n-th place lies.
func (r *ring[T]) at(n int) *T { return &r.chunks[n/chunkSize][n%chunkSize] }

// push adds an item and returns where it lies, which is valid until limit others
// have been pushed.
func (r *ring[T]) push(item T) *T {
	if r.next/chunkSize == len(r.chunks) {
		r.chunks = append(r.chunks, make([]T, min(chunkSize, r.limit-r.next)))
	}
	at := r.at(r.next)
	*at = item
	r.count = min(r.count+1, r.limit)
	if r.next++; r.next == r.limit {
		r.next = 0
	}
	return at
}

// last is the newest item, or nil.
func (r *ring[T]) last() *T { return r.before(0) }

// before is the item that age items came after, or nil if it is not kept.
func (r *ring[T]) before(age int) *T {
	if age >= r.count {
		return nil
	}
	return r.at((r.next - 1 - age + r.limit) % r.limit)
}

// items copies what is kept, oldest first.
func (r *ring[T]) items() []T {
	all := make([]T, 0, r.count)
	for age := r.count - 1; age >= 0; age-- {
		all = append(all, *r.before(age))
	}
	return all
}
