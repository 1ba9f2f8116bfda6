package resp

import "strconv"

// AppendCommand appends a command, as clients send it, to dst.
func AppendCommand(dst []byte, words ...[]byte) []byte {
	dst = AppendHeader(dst, Array, len(words))
	for _, word := range words {
		dst = AppendBulk(dst, word)
	}
	return dst
}

// AppendHeader appends the first line of an aggregate or a blob: its kind and
// its number of elements (pairs, for a Map) or bytes.
func AppendHeader(dst []byte, kind Kind, n int) []byte {
	dst = append(dst, byte(kind))
	dst = strconv.AppendInt(dst, int64(n), 10)
	return append(dst, '\r', '\n')
}

// AppendBulk appends a bulk string.
func AppendBulk(dst, s []byte) []byte {
	return appendBlob(dst, BulkString, s)
}

// AppendError appends an error reply, in which line ends become spaces.
func AppendError(dst []byte, s string) []byte {
	return appendLine(dst, Error, []byte(s))
}

// AppendInt appends an integer.
func AppendInt(dst []byte, n int64) []byte {
	dst = append(dst, byte(Integer))
	dst = strconv.AppendInt(dst, n, 10)
	return append(dst, '\r', '\n')
}

// AppendNull appends a null: "$-1" in version 2, "_" in version 3.
func AppendNull(dst []byte, version int) []byte {
	if version >= 3 {
		return append(dst, "_\r\n"...)
	}
	return append(dst, "$-1\r\n"...)
}

// AppendValue appends v in the given version of the protocol. For version 2,
// the types of RESP3 become what Redis sends instead: maps, sets and pushes are
// arrays, doubles and verbatim strings are bulk strings, booleans are integers.
func AppendValue(dst []byte, v Value, version int) []byte {
	switch v.Kind {
	case Null:
		return AppendNull(dst, version)
	case Integer:
		return AppendInt(dst, v.Int)
	case SimpleString, Error:
		return appendLine(dst, v.Kind, v.Str)
	case Array, Set, Push, Map:
		return appendAggregate(dst, v, version)
	case BulkString:
		return AppendBulk(dst, v.Str)
	}
	if version < 3 {
		return appendDowngraded(dst, v)
	}
	switch v.Kind {
	case Boolean:
		if v.Int != 0 {
			return append(dst, "#t\r\n"...)
		}
		return append(dst, "#f\r\n"...)
	case Double:
		return appendLine(dst, Double, []byte(formatDouble(v.Float)))
	case BigNumber:
		return appendLine(dst, BigNumber, v.Str)
	default:
		return appendBlob(dst, v.Kind, v.Str)
	}
}

// appendDowngraded appends those types of RESP3 that RESP2 has another for.
func appendDowngraded(dst []byte, v Value) []byte {
	switch v.Kind {
	case Boolean:
		return AppendInt(dst, v.Int)
	case Double:
		return AppendBulk(dst, []byte(formatDouble(v.Float)))
	case BlobError:
		return appendLine(dst, Error, v.Str)
	case Verbatim:
		if len(v.Str) > 3 && v.Str[3] == ':' {
			return AppendBulk(dst, v.Str[4:])
		}
	}
	return AppendBulk(dst, v.Str)
}

func appendAggregate(dst []byte, v Value, version int) []byte {
	kind, n := v.Kind, len(v.Array)
	switch {
	case version < 3:
		kind = Array
	case kind == Map:
		n /= 2
	}
	dst = AppendHeader(dst, kind, n)
	for _, item := range v.Array {
		dst = AppendValue(dst, item, version)
	}
	return dst
}

func appendBlob(dst []byte, kind Kind, s []byte) []byte {
	dst = AppendHeader(dst, kind, len(s))
	dst = append(dst, s...)
	return append(dst, '\r', '\n')
}

func appendLine(dst []byte, kind Kind, s []byte) []byte {
	dst = append(dst, byte(kind))
	for _, c := range s {
		if c == '\r' || c == '\n' {
			c = ' '
		}
		dst = append(dst, c)
	}
	return append(dst, '\r', '\n')
}
