package ratelimit

import "slices"

// fifo is a queue. Its memory is at most some four times what it holds at its fullest.
type fifo[T any] struct {
	items []T
	head  int // items before it have left
}

func (f *fifo[T]) len() int { return len(f.items) - f.head }

// at returns the item at a position; 0 is the oldest.
func (f *fifo[T]) at(i int) T { return f.items[f.head+i] }

// all returns the items, oldest first; they stay the queue's own.
func (f *fifo[T]) all() []T { return f.items[f.head:] }

func (f *fifo[T]) push(item T) {
	if len(f.items) == cap(f.items) && f.head > len(f.items)/2 {
		f.items, f.head = slices.Delete(f.items, 0, f.head), 0
	}
	f.items = append(f.items, item)
}

// pop removes the oldest item.
func (f *fifo[T]) pop() {
	var zero T
	f.items[f.head] = zero
	f.head++
	if f.head == len(f.items) {
		f.items, f.head = f.items[:0], 0
	}
}
