package resp

import (
	"bufio"
	"io"
	"math"
	"slices"
	"strconv"
)

// ReadValue reads one reply of RESP2 or RESP3. The strings belong to the
// caller. io.EOF means the peer left between values; after any error the stream
// must be closed.
func ReadValue(r *bufio.Reader, limits Limits) (Value, error) {
	rd := valueReader{r: r, limits: limits.withDefaults()}
	return rd.value(0)
}

// valueReader carries what one value has used up of the limits.
type valueReader struct {
	r      *bufio.Reader
	limits Limits
	bytes  int64
	items  int64
}

func (rd *valueReader) value(depth int) (Value, error) {
	line, err := readLine(rd.r, rd.limits.MaxLine)
	if err != nil {
		return Value{}, err
	}
	if len(line) == 0 {
		return Value{}, protocolErrorf("empty line where a reply should start")
	}
	kind, body := Kind(line[0]), line[1:]
	switch kind {
	case SimpleString, Error, BigNumber:
		if err := rd.take(int64(len(body))); err != nil {
			return Value{}, err
		}
		return Value{Kind: kind, Str: append([]byte{}, body...)}, nil
	case Integer, Boolean, Double, Null:
		return scalar(kind, body)
	case BulkString, Verbatim, BlobError:
		return rd.blob(kind, body)
	case Array, Map, Set, Push:
		return rd.aggregate(kind, body, depth)
	default:
		return Value{}, protocolErrorf("unknown reply type %q", line[0])
	}
}

func (rd *valueReader) take(bytes int64) error {
	if rd.bytes += bytes; rd.bytes > rd.limits.MaxBytes {
		return &TooLargeError{Limit: rd.limits.MaxBytes, Actual: rd.bytes}
	}
	return nil
}

func (rd *valueReader) blob(kind Kind, body []byte) (Value, error) {
	size, ok := parseInt(body)
	if !ok || size < -1 || size > hardMaxBytes {
		return Value{}, protocolErrorf("invalid bulk length %q", body)
	}
	if size == -1 {
		return Nil(), nil
	}
	if err := rd.take(size); err != nil {
		return Value{}, err
	}
	blob, err := readBlob(rd.r, size)
	if err != nil {
		return Value{}, unexpected(err)
	}
	return Value{Kind: kind, Str: blob}, nil
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

func (rd *valueReader) aggregate(kind Kind, body []byte, depth int) (Value, error) {
	count, ok := parseInt(body)
	if !ok || count < -1 || count > rd.limits.MaxItems {
		return Value{}, protocolErrorf("invalid multibulk length %q", body)
	}
	if count == -1 {
		return Nil(), nil
	}
	if kind == Map {
		count *= 2
	}
	if rd.items += count; rd.items > rd.limits.MaxItems {
		return Value{}, protocolErrorf("more than %d elements in one reply", rd.limits.MaxItems)
	}
	if depth >= MaxDepth {
		return Value{}, protocolErrorf("reply nests deeper than %d", MaxDepth)
	}
	items := make([]Value, 0, min(count, 64))
	for range count {
		item, err := rd.value(depth + 1)
		if err != nil {
			return Value{}, unexpected(err)
		}
		items = append(items, item)
	}
	return Value{Kind: kind, Array: items}, nil
}

func scalar(kind Kind, body []byte) (Value, error) {
	switch kind {
	case Null:
		if len(body) == 0 {
			return Nil(), nil
		}
	case Boolean:
		if len(body) == 1 && (body[0] == 't' || body[0] == 'f') {
			v := Value{Kind: Boolean}
			if body[0] == 't' {
				v.Int = 1
			}
			return v, nil
		}
	case Integer:
		if n, ok := parseInt(body); ok {
			return Int(n), nil
		}
	default:
		if f, ok := parseDouble(string(body)); ok {
			return Value{Kind: Double, Float: f}, nil
		}
	}
	return Value{}, protocolErrorf("invalid value %q of type %q", body, byte(kind))
}

func parseDouble(s string) (float64, bool) {
	switch s {
	case "inf", "+inf":
		return math.Inf(1), true
	case "-inf":
		return math.Inf(-1), true
	case "nan", "-nan": // Redis may send either
		return math.NaN(), true
	}
	f, err := strconv.ParseFloat(s, 64)
	return f, err == nil && !math.IsInf(f, 0) && !math.IsNaN(f)
}

func formatDouble(f float64) string {
	switch {
	case math.IsInf(f, 1):
		return "inf"
	case math.IsInf(f, -1):
		return "-inf"
	case math.IsNaN(f):
		return "nan"
	}
	return strconv.FormatFloat(f, 'g', -1, 64)
}
