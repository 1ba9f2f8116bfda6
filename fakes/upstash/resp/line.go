package resp

import (
	"bufio"
	"errors"
	"io"
)

// readLine reads one line, without its end. The slice is valid until the next
// read from r unless the line was longer than r's buffer.
func readLine(r *bufio.Reader, limit int) ([]byte, error) {
	line, err := r.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		line, err = readLongLine(r, append([]byte(nil), line...), limit)
	}
	if err != nil {
		return nil, lineEnd(line, err)
	}
	line = line[:len(line)-1]
	if n := len(line); n > 0 && line[n-1] == '\r' {
		line = line[:n-1]
	}
	if len(line) > limit {
		return nil, protocolErrorf("too big inline request")
	}
	return line, nil
}

func readLongLine(r *bufio.Reader, line []byte, limit int) ([]byte, error) {
	for len(line) <= limit {
		more, err := r.ReadSlice('\n')
		line = append(line, more...)
		if !errors.Is(err, bufio.ErrBufferFull) {
			return line, err
		}
	}
	return nil, protocolErrorf("too big inline request")
}

// lineEnd turns an end of stream within a line into io.ErrUnexpectedEOF; an
// end before it stays io.EOF, which is how peers leave.
func lineEnd(got []byte, err error) error {
	if len(got) > 0 && errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// unexpected is for reads inside a value, where any end is too early.
func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// parseInt reads a decimal integer; ok is false for anything else, or where it
// does not fit.
func parseInt(b []byte) (n int64, ok bool) {
	neg := len(b) > 0 && b[0] == '-'
	if neg || (len(b) > 0 && b[0] == '+') {
		b = b[1:]
	}
	if len(b) == 0 {
		return 0, false
	}
	var u uint64
	for _, c := range b {
		if c < '0' || c > '9' || u > (1<<63)/10 {
			return 0, false
		}
		u = u*10 + uint64(c-'0')
	}
	switch {
	case neg && u <= 1<<63:
		return -int64(u), true
	case !neg && u < 1<<63:
		return int64(u), true
	}
	return 0, false
}
