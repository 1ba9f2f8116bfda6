package engine

import "bytes"

// fromScript is where MONITOR says that commands inside Lua come from.
const fromScript = "lua"

// parseMonitorLine takes a line of MONITOR apart, as in
//
//	1339518083.107412 [0 127.0.0.1:60866] "keys" "*"
//
// from is the client's address or "lua", words the rest, for nextWord.
func parseMonitorLine(line []byte) (from, words []byte, ok bool) {
	_, line, ok = bytes.Cut(line, []byte(" ["))
	if !ok {
		return nil, nil, false
	}
	_, line, ok = bytes.Cut(line, []byte(" ")) // the database
	if !ok {
		return nil, nil, false
	}
	end := bytes.Index(line, []byte(`] "`)) // an IPv6 address has brackets too
	if end < 0 {
		return nil, nil, false
	}
	return line[:end], line[end+2:], true
}

// nextWord takes the first word off words, without its quotes, and appends it to
// dst. At the end, or where what follows is no word, ok is false.
func nextWord(dst, words []byte) (word, rest []byte, ok bool) {
	words = bytes.TrimPrefix(words, []byte(" "))
	if len(words) == 0 || words[0] != '"' {
		return dst, nil, false
	}
	for words = words[1:]; len(words) > 0; {
		switch words[0] {
		case '"':
			return dst, words[1:], true
		case '\\':
			b, size := unescape(words)
			if size == 0 {
				return dst, nil, false
			}
			dst, words = append(dst, b), words[size:]
		default:
			plain := bytes.IndexAny(words, `"\`)
			if plain < 0 {
				return dst, nil, false // no quote ends it
			}
			dst, words = append(dst, words[:plain]...), words[plain:]
		}
	}
	return dst, nil, false
}

// unescape reads one of the sequences that Redis quotes by: \\ \" \n \r \t \a \b
// \xHH. size is 0 for any other.
func unescape(words []byte) (b byte, size int) {
	if len(words) < 2 {
		return 0, 0
	}
	switch words[1] {
	case '\\', '"':
		return words[1], 2
	case 'n':
		return '\n', 2
	case 'r':
		return '\r', 2
	case 't':
		return '\t', 2
	case 'a':
		return '\a', 2
	case 'b':
		return '\b', 2
	case 'x':
		if len(words) >= 4 {
			high, okHigh := hexDigit(words[2])
			low, okLow := hexDigit(words[3])
			if okHigh && okLow {
				return high<<4 | low, 4
			}
		}
	}
	return 0, 0
}

func hexDigit(c byte) (byte, bool) {
	switch {
	case '0' <= c && c <= '9':
		return c - '0', true
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10, true
	case 'A' <= c && c <= 'F':
		return c - 'A' + 10, true
	}
	return 0, false
}
