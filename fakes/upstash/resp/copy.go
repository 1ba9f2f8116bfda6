package resp

import (
	"bufio"
	"io"
)

// CopyValue moves exactly one value from r to w as it is, and says what kind it
// was. It does not flush w. It holds no more of the value than r's and w's
// buffers; limits.MaxBytes is not applied.
func CopyValue(w *bufio.Writer, r *bufio.Reader, limits Limits) (Kind, error) {
	return copyValue(w, r, limits, func(int64) {})
}

// HoldValue appends exactly one value of r's to dst, as it is, and says how many
// bytes its strings have. If they have more than most, the value is read all the
// same but nothing appended. limits.MaxBytes is not applied.
func HoldValue(dst []byte, r *bufio.Reader, limits Limits, most int64) (raw []byte, size int64, err error) {
	h := holder{start: len(dst), raw: dst, most: most}
	_, err = copyValue(&h, r, limits, func(n int64) { h.size += n })
	return h.raw, h.size, err
}

// holder keeps what is written until there is too much.
type holder struct {
	raw        []byte
	start      int // of the value in raw
	size, most int64
}

func (h *holder) Write(p []byte) (int, error) {
	if h.size > h.most {
		h.raw = h.raw[:h.start]
	} else {
		h.raw = append(h.raw, p...)
	}
	return len(p), nil
}

func (h *holder) WriteString(s string) (int, error) { return h.Write([]byte(s)) }

// sink is what values are copied to.
type sink interface {
	io.Writer
	io.StringWriter
}

// copyValue is CopyValue. It tells payload of the size of each string before it
// is written.
func copyValue(w sink, r *bufio.Reader, limits Limits, payload func(int64)) (Kind, error) {
	limits = limits.withDefaults()
	var first Kind
	for left, items := int64(1), int64(0); left > 0; left-- {
		line, err := readLine(r, limits.MaxLine)
		if err != nil {
			if first != 0 {
				err = unexpected(err)
			}
			return first, err
		}
		if len(line) == 0 {
			return first, protocolErrorf("empty line where a reply should start")
		}
		if first == 0 {
			first = Kind(line[0])
		}
		more, blob, err := extent(line)
		if err != nil {
			return first, err
		}
		if items += more; items > limits.MaxItems {
			return first, protocolErrorf("more than %d elements in one reply", limits.MaxItems)
		}
		left += more
		payload(stringSize(line, blob))
		if _, err := w.Write(line); err != nil {
			return first, err
		}
		if _, err := w.WriteString("\r\n"); err != nil {
			return first, err
		}
		if err := copyBlob(w, r, blob); err != nil {
			return first, unexpected(err)
		}
	}
	return first, nil
}

// extent says what follows a header line: how many more values, and how many
// bytes (with their line end).
func extent(line []byte) (items, blob int64, err error) {
	switch Kind(line[0]) {
	case SimpleString, Error, Integer, Null, Double, Boolean, BigNumber:
		return 0, 0, nil
	case BulkString, Verbatim, BlobError:
		size, ok := parseInt(line[1:])
		if !ok || size < -1 || size > hardMaxBytes {
			return 0, 0, protocolErrorf("invalid bulk length %q", line[1:])
		}
		if size == -1 {
			return 0, 0, nil
		}
		return 0, size + 2, nil
	case Array, Set, Push, Map:
		count, ok := parseInt(line[1:])
		if !ok || count < -1 || count > hardMaxBytes {
			return 0, 0, protocolErrorf("invalid multibulk length %q", line[1:])
		}
		if line[0] == byte(Map) {
			count *= 2
		}
		return max(count, 0), 0, nil
	default:
		return 0, 0, protocolErrorf("unknown reply type %q", line[0])
	}
}

// stringSize is how long the string is that a header line begins, or is.
func stringSize(line []byte, blob int64) int64 {
	switch Kind(line[0]) {
	case SimpleString, Error, BigNumber:
		return int64(len(line) - 1)
	}
	return max(0, blob-2)
}

// copyBlob copies n bytes, from r's buffer where it holds them.
func copyBlob(w sink, r *bufio.Reader, n int64) error {
	for n > 0 {
		step := int(min(n, int64(r.Size())))
		part, err := r.Peek(step)
		if err != nil {
			return err
		}
		if _, err := w.Write(part); err != nil {
			return err
		}
		if _, err := r.Discard(step); err != nil {
			return err
		}
		n -= int64(step)
	}
	return nil
}
