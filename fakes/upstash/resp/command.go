package resp

import (
	"bufio"
	"io"
	"slices"
)

// ReadCommand reads one command: an array of bulk strings, or an inline command
// (words on one line, as typed into a terminal). The words belong to the caller.
//
// An empty command comes back with no words and no error; Redis ignores those.
// io.EOF means the peer left between commands. A *TooLargeError leaves the
// stream at the next command, so the caller may answer and go on; after any
// other error it must close.
func ReadCommand(r *bufio.Reader, limits Limits) ([][]byte, error) {
	limits = limits.withDefaults()
	line, err := readLine(r, limits.MaxLine)
	if err != nil {
		return nil, err
	}
	if len(line) == 0 {
		return nil, nil
	}
	if line[0] != '*' {
		return splitInline(line)
	}
	count, ok := parseInt(line[1:])
	if !ok || count > limits.MaxItems {
		return nil, protocolErrorf("invalid multibulk length")
	}
	if count <= 0 {
		return nil, nil
	}
	return readWords(r, count, limits)
}

func readWords(r *bufio.Reader, count int64, limits Limits) ([][]byte, error) {
	words := make([][]byte, 0, min(count, 64))
	var total int64
	for range count {
		size, err := readBulkHeader(r, limits.MaxLine)
		if err != nil {
			return nil, unexpected(err)
		}
		if total += size; total > hardMaxBytes {
			return nil, protocolErrorf("invalid bulk length")
		}
		if total > limits.MaxBytes {
			words = nil
			if err := skip(r, size+2); err != nil {
				return nil, unexpected(err)
			}
			continue
		}
		word, err := readBlob(r, size)
		if err != nil {
			return nil, unexpected(err)
		}
		words = append(words, word)
	}
	if total > limits.MaxBytes {
		return nil, &TooLargeError{Limit: limits.MaxBytes, Actual: total}
	}
	return words, nil
}

func readBulkHeader(r *bufio.Reader, maxLine int) (int64, error) {
	line, err := readLine(r, maxLine)
	if err != nil {
		return 0, err
	}
	if len(line) == 0 || line[0] != '$' {
		got := byte('\n')
		if len(line) > 0 {
			got = line[0]
		}
		return 0, protocolErrorf("expected '$', got '%c'", got)
	}
	size, ok := parseInt(line[1:])
	if !ok || size < 0 || size > hardMaxBytes {
		return 0, protocolErrorf("invalid bulk length")
	}
	return size, nil
}

// readBlob reads size bytes and the line end after them. Memory grows with what
// has arrived, not with what was announced.
func readBlob(r *bufio.Reader, size int64) ([]byte, error) {
	blob := make([]byte, 0, min(size, chunk))
	for int64(len(blob)) < size {
		start := len(blob)
		step := int(min(size-int64(start), chunk))
		blob = slices.Grow(blob, step)[:start+step]
		if _, err := io.ReadFull(r, blob[start:]); err != nil {
			return nil, err
		}
	}
	end, err := r.Peek(2)
	if err != nil {
		return nil, err
	}
	if end[0] != '\r' || end[1] != '\n' {
		return nil, protocolErrorf("expected CRLF after %d bytes, got %q", size, end)
	}
	_, err = r.Discard(2)
	return blob, err
}

func skip(r *bufio.Reader, n int64) error {
	for n > 0 {
		step := int(min(n, chunk))
		if _, err := r.Discard(step); err != nil {
			return err
		}
		n -= int64(step)
	}
	return nil
}
