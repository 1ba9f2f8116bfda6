package resp

// splitInline splits a line into words as Redis does: at spaces, with "..."
// (backslash escapes \n \r \t \b \a \xHH) and '...' (only \' escapes).
func splitInline(line []byte) ([][]byte, error) {
	var words [][]byte
	for {
		for len(line) > 0 && isSpace(line[0]) {
			line = line[1:]
		}
		if len(line) == 0 {
			return words, nil
		}
		word, rest, ok := inlineWord(line)
		if !ok {
			return nil, protocolErrorf("unbalanced quotes in request")
		}
		words, line = append(words, word), rest
	}
}

// inlineWord takes the first word off line. A closing quote must end its word.
func inlineWord(line []byte) (word, rest []byte, ok bool) {
	word = []byte{}
	for len(line) > 0 && !isSpace(line[0]) {
		quote := line[0]
		if quote != '"' && quote != '\'' {
			word, line = append(word, quote), line[1:]
			continue
		}
		if word, line, ok = quoted(word, line[1:], quote); !ok {
			return nil, nil, false
		}
		return word, line, len(line) == 0 || isSpace(line[0])
	}
	return word, line, true
}

// quoted appends what stands before the closing quote to word.
func quoted(word, line []byte, quote byte) (grown, rest []byte, ok bool) {
	for len(line) > 0 {
		c := line[0]
		switch {
		case c == quote:
			return word, line[1:], true
		case c == '\\' && quote == '\'' && len(line) > 1 && line[1] == '\'':
			word, line = append(word, '\''), line[2:]
		case c == '\\' && quote == '"' && len(line) > 1:
			b, size := unescape(line)
			word, line = append(word, b), line[size:]
		default:
			word, line = append(word, c), line[1:]
		}
	}
	return nil, nil, false
}

// unescape reads one backslash escape and says how many bytes it took.
func unescape(line []byte) (b byte, size int) {
	if line[1] == 'x' && len(line) > 3 {
		high, okHigh := hexDigit(line[2])
		low, okLow := hexDigit(line[3])
		if okHigh && okLow {
			return high<<4 | low, 4
		}
	}
	switch line[1] {
	case 'n':
		return '\n', 2
	case 'r':
		return '\r', 2
	case 't':
		return '\t', 2
	case 'b':
		return '\b', 2
	case 'a':
		return '\a', 2
	default:
		return line[1], 2
	}
}

func hexDigit(c byte) (byte, bool) {
	switch {
	case c >= '0' && c <= '9':
		return c - '0', true
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10, true
	case c >= 'A' && c <= 'F':
		return c - 'A' + 10, true
	}
	return 0, false
}

func isSpace(c byte) bool { return c == ' ' || (c >= '\t' && c <= '\r') || c == 0 }
