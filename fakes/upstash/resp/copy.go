package resp

import (
	"bufio"
	"io"
)

// CopyValue moves exactly one value from r to w as it is, and says what kind it
// was. It does not flush w. It holds no more of the value than r's and w's
// buffers; limits.MaxBytes is not applied.
func CopyValue(w *bufio.Writer, r *bufio.Reader, limits Limits) (Kind, error) {
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

// copyBlob copies n bytes, from r's buffer where it holds them.
func copyBlob(w *bufio.Writer, r *bufio.Reader, n int64) error {
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

// Discard reads one value and throws it away.
func Discard(r *bufio.Reader, limits Limits) error {
	_, err := CopyValue(bufio.NewWriterSize(io.Discard, 16), r, limits)
	return err
}
