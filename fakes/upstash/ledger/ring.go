package ledger

// ring keeps the newest limit items. It takes memory as it fills.
type ring[T any] struct {
	limit int
	kept  []T
	next  int // where the next item goes once kept is full
}

// push adds an item and returns where it lies, which is valid until the next
// push.
func (r *ring[T]) push(item T) *T {
	if len(r.kept) < r.limit {
		r.kept = append(r.kept, item)
		return &r.kept[len(r.kept)-1]
	}
	at := &r.kept[r.next]
	*at = item
	if r.next++; r.next == r.limit {
		r.next = 0
	}
	return at
}

// last is the newest item, or nil.
func (r *ring[T]) last() *T {
	switch {
	case len(r.kept) == 0:
		return nil
	case r.next == 0:
		return &r.kept[len(r.kept)-1]
	default:
		return &r.kept[r.next-1]
	}
}

// before is the item that age items came after, or nil if it is not kept.
func (r *ring[T]) before(age int) *T {
	kept := len(r.kept)
	if age >= kept {
		return nil
	}
	return &r.kept[(r.next+2*kept-1-age)%kept]
}

// items copies what is kept, oldest first.
func (r *ring[T]) items() []T {
	return append(append(make([]T, 0, len(r.kept)), r.kept[r.next:]...), r.kept[:r.next]...)
}
