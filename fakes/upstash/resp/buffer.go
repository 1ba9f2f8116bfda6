package resp

import (
	"bufio"
	"io"
)

const (
	// firstChunk is the size of a Buffer's first part, in bytes, and maxChunk that of
	// the largest; each is 4 times the one before.
	firstChunk = 4 << 10
	maxChunk   = 64 << 10
)

// Buffer holds bytes until they are read. Unlike a bytes.Buffer it neither moves
// what it holds when it grows nor keeps what has been read, so that something
// large is in memory once. The zero value is empty; it is for one goroutine.
type Buffer struct {
	chunks [][]byte
	off    int // of what is unread in the first chunk
	size   int64
	value  bounded // what Hold is appending
}

// Len is the number of unread bytes.
func (b *Buffer) Len() int64 { return b.size }

// Write appends p. It never fails.
func (b *Buffer) Write(p []byte) (int, error) {
	for left := p; len(left) > 0; {
		chunk := b.room()
		n := min(len(left), cap(*chunk)-len(*chunk))
		*chunk = append(*chunk, left[:n]...)
		left = left[n:]
	}
	b.size += int64(len(p))
	return len(p), nil
}

// WriteString appends s. It never fails.
func (b *Buffer) WriteString(s string) (int, error) {
	for left := s; left != ""; {
		chunk := b.room()
		n := min(len(left), cap(*chunk)-len(*chunk))
		*chunk = append(*chunk, left[:n]...)
		left = left[n:]
	}
	b.size += int64(len(s))
	return len(s), nil
}

// room is the last chunk, which has room.
func (b *Buffer) room() *[]byte {
	n := len(b.chunks)
	if n == 0 {
		b.chunks = append(b.chunks, make([]byte, 0, firstChunk))
	} else if last := b.chunks[n-1]; len(last) == cap(last) {
		b.chunks = append(b.chunks, make([]byte, 0, min(4*cap(last), maxChunk)))
	}
	return &b.chunks[len(b.chunks)-1]
}

// Read reads what was written first. At the end it returns io.EOF.
func (b *Buffer) Read(p []byte) (int, error) {
	if b.size == 0 {
		return 0, io.EOF
	}
	n := copy(p, b.chunks[0][b.off:])
	b.off += n
	b.size -= int64(n)
	switch {
	case b.size == 0:
		b.Reset()
	case b.off == len(b.chunks[0]):
		b.chunks[0] = nil
		b.chunks, b.off = b.chunks[1:], 0
	}
	return n, nil
}

// Reset throws everything away, but for a little memory to be used again.
func (b *Buffer) Reset() {
	switch {
	case len(b.chunks) == 0 || cap(b.chunks[0]) > firstChunk:
		b.chunks = nil
	case len(b.chunks) == 1:
		b.chunks[0] = b.chunks[0][:0]
	default:
		b.chunks = [][]byte{b.chunks[0][:0]} // a list of its own, or the others would be kept
	}
	b.off, b.size = 0, 0
}

// truncate throws away the newest bytes until n are unread.
func (b *Buffer) truncate(n int64) {
	for b.size > n {
		last := &b.chunks[len(b.chunks)-1]
		drop := int(min(b.size-n, int64(len(*last))))
		*last = (*last)[:len(*last)-drop]
		b.size -= int64(drop)
		if len(*last) == 0 && len(b.chunks) > 1 {
			b.chunks = b.chunks[:len(b.chunks)-1]
		}
	}
}

// Hold appends exactly one value of r's to b, as it is, and says how many bytes its
// strings have. If they have more than most, the value is read all the same but
// none of it kept. limits.MaxBytes is not applied.
func (b *Buffer) Hold(r *bufio.Reader, limits Limits, most int64) (size int64, err error) {
	h := &b.value
	*h = bounded{to: b, start: b.Len(), most: most}
	_, err = copyValue(h, r, limits, func(n int64) { h.size += n })
	if err != nil {
		b.truncate(h.start)
	}
	return h.size, err
}

// bounded writes one value until there is too much of it.
type bounded struct {
	to         *Buffer
	start      int64 // of the value
	size, most int64
}

func (w *bounded) Write(p []byte) (int, error) {
	if w.size > w.most {
		w.to.truncate(w.start)
		return len(p), nil
	}
	return w.to.Write(p)
}

func (w *bounded) WriteString(s string) (int, error) {
	if w.size > w.most {
		w.to.truncate(w.start)
		return len(s), nil
	}
	return w.to.WriteString(s)
}
