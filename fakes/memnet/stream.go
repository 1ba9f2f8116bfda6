package memnet

import (
	"bytes"
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"time"
)

// keepBuffer is how much memory an empty stream keeps for later.
const keepBuffer = 64 << 10

// stream is one direction of a connection: a bounded buffer that writers fill
// and readers drain.
type stream struct {
	mu      sync.Mutex
	changed sync.Cond
	buf     bytes.Buffer
	limit   int
	brittle bool // a full buffer ends the stream instead of making writers wait
	busy    bool // a writer waits in the middle of its bytes; others must not cut in

	writerGone bool // no more bytes will come
	readerGone bool // nobody will take any
	readBy     deadline
	writeBy    deadline
}

func newStream(limit int) *stream {
	s := &stream{limit: limit}
	s.changed.L = &s.mu
	s.readBy.cond = &s.changed
	s.writeBy.cond = &s.changed
	return s
}

func (s *stream) read(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		switch {
		case s.readerGone:
			return 0, net.ErrClosed
		case s.readBy.expired:
			return 0, os.ErrDeadlineExceeded
		case len(p) == 0:
			return 0, nil
		case s.buf.Len() > 0:
			return s.take(p), nil
		case s.writerGone:
			return 0, io.EOF
		}
		s.changed.Wait()
	}
}

func (s *stream) take(p []byte) int {
	wasFull := s.buf.Len() >= s.limit
	n, _ := s.buf.Read(p) // never fails: there is something in it
	if s.buf.Len() == 0 && s.buf.Cap() > keepBuffer {
		s.buf = bytes.Buffer{}
	}
	if wasFull {
		s.changed.Broadcast()
	}
	return n
}

func (s *stream) write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	written, mine := 0, false
	defer func() {
		if mine {
			s.busy = false
			s.changed.Broadcast()
		}
	}()
	for {
		switch {
		case s.writerGone:
			return written, net.ErrClosed
		case s.writeBy.expired:
			return written, os.ErrDeadlineExceeded
		case s.readerGone:
			return written, os.NewSyscallError("write", syscall.EPIPE)
		}
		if !s.busy || mine {
			if written += s.fill(p[written:]); written == len(p) {
				return written, nil
			}
			if s.brittle {
				return written, os.NewSyscallError("write", syscall.ENOBUFS)
			}
			s.busy, mine = true, true
		}
		s.changed.Wait()
	}
}

// fill buffers as much of p as there is room for.
func (s *stream) fill(p []byte) int {
	wasEmpty := s.buf.Len() == 0
	n, _ := s.buf.Write(p[:min(len(p), s.limit-s.buf.Len())]) // never fails
	if wasEmpty && n > 0 {
		s.changed.Broadcast()
	}
	return n
}

// closeRead drops what is buffered and makes further writes fail.
func (s *stream) closeRead() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.readerGone = true
	s.buf = bytes.Buffer{}
	s.readBy.stop()
	s.changed.Broadcast()
}

// closeWrite makes readers see the end once they have drained the buffer.
func (s *stream) closeWrite() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.writerGone = true
	s.writeBy.stop()
	s.changed.Broadcast()
}

func (s *stream) setReadDeadline(at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.readerGone {
		s.readBy.set(at)
	}
}

func (s *stream) setWriteDeadline(at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.writerGone {
		s.writeBy.set(at)
	}
}
