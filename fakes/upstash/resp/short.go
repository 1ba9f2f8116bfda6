package resp

import "bytes"

// ShortValues finds the values at the start of buf that can be passed on without a
// look: those of one line, or a string, that are there as a whole, have no more than
// most bytes of string, and are no errors. It stops at the first that is anything
// else, and after limit of them. It says how many they are, their length in bytes,
// and how many bytes their strings have.
func ShortValues(buf []byte, limit int, most int64) (values, length int, size int64) {
	for values < limit {
		end, bytes, ok := shortValue(buf[length:])
		if !ok || bytes > most {
			break
		}
		values++
		length += end
		size += bytes
	}
	return values, length, size
}

// shortValue finds the end of one such value, and the size of its string.
func shortValue(buf []byte) (end int, size int64, ok bool) {
	at := bytes.IndexByte(buf, '\n')
	if at < 2 || buf[at-1] != '\r' {
		return 0, 0, false
	}
	line, end := buf[:at-1], at+1
	switch Kind(line[0]) {
	case SimpleString:
		return end, int64(len(line) - 1), true
	case Integer, Null, Double, Boolean:
		return end, 0, true
	case BulkString:
		size, ok = parseInt(line[1:])
		switch {
		case !ok || size < -1 || size > int64(len(buf)):
			return 0, 0, false
		case size == -1:
			return end, 0, true
		}
		end += int(size) + 2
		return end, size, end <= len(buf)
	}
	return 0, 0, false
}
