package rest

import (
	"bufio"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"

	"tollgate/fakes/upstash/resp"
)

// encoding is how a client wants its results.
type encoding struct {
	base64 bool // strings of JSON in base64
	resp2  bool // RESP2 in place of JSON
}

var (
	errFormat = errors.New("ERR unsupported " + headerFormat + ": only json and resp2 are allowed")
	errBoth   = errors.New("ERR " + headerEncoding + ": base64 is not allowed with " + headerFormat + ": resp2")
)

func encodingOf(header http.Header) (encoding, error) {
	enc := encoding{base64: strings.EqualFold(header.Get(headerEncoding), "base64")}
	switch format := header.Get(headerFormat); {
	case format == "" || strings.EqualFold(format, "json"):
	case !strings.EqualFold(format, "resp2"):
		return encoding{}, errFormat
	case enc.base64:
		return encoding{}, errBoth
	default:
		enc.resp2 = true
	}
	return enc, nil
}

// maxNesting is how deep arrays of a reply may nest.
const maxNesting = 1000

// encoder turns replies in RESP2 into JSON, piece by piece: it holds neither a reply nor its JSON.
type encoder struct {
	encoding
	in  *bufio.Reader
	out *sender
}

// outcome writes the outcome of one command: {"result": ...} or {"error": "..."}.
func (e *encoder) outcome() error {
	kind, rest, err := e.line()
	if err != nil {
		return err
	}
	switch {
	case kind == resp.Error:
		e.out.buf = appendError(e.out.buf, rest)
		return e.out.room()
	case kind == resp.SimpleString && string(rest) == "OK": // the one string that base64 leaves alone
		e.out.buf = append(e.out.buf, `{"result":"OK"}`...)
		return e.out.room()
	}
	e.out.buf = append(e.out.buf, `{"result":`...)
	err = e.value(kind, rest, 0)
	e.out.buf = append(e.out.buf, '}')
	return err
}

// value writes the value that a line begins.
func (e *encoder) value(kind resp.Kind, rest []byte, depth int) error {
	switch kind {
	case resp.SimpleString:
		e.out.buf = e.appendText(e.out.buf, rest)
		return e.out.room()
	case resp.Error:
		e.out.buf = appendString(e.out.buf, rest)
		return e.out.room()
	}
	n, err := strconv.ParseInt(string(rest), 10, 64)
	switch {
	case err != nil:
		return fmt.Errorf("a reply starts with %q", append([]byte{byte(kind)}, rest...))
	case kind == resp.Integer:
		e.out.buf = strconv.AppendInt(e.out.buf, n, 10)
		return nil
	case n < 0:
		e.out.buf = append(e.out.buf, "null"...)
		return nil
	case kind == resp.BulkString:
		return e.text(n)
	case kind == resp.Array:
		return e.array(n, depth)
	}
	return fmt.Errorf("a reply is of type %q", byte(kind))
}

func (e *encoder) array(n int64, depth int) error {
	if depth >= maxNesting {
		return fmt.Errorf("the arrays of a reply nest deeper than %d", maxNesting)
	}
	e.out.buf = append(e.out.buf, '[')
	for i := range n {
		if i > 0 {
			e.out.buf = append(e.out.buf, ',')
		}
		kind, rest, err := e.line()
		if err == nil {
			err = e.value(kind, rest, depth+1)
		}
		if err != nil {
			return err
		}
	}
	e.out.buf = append(e.out.buf, ']')
	return e.out.room()
}

// text writes a string of n bytes, and skips the line end behind it.
func (e *encoder) text(n int64) error {
	e.out.buf = append(e.out.buf, '"')
	for n > 0 {
		piece, err := e.in.Peek(int(min(n, int64(e.in.Size()))))
		if err != nil {
			return err
		}
		if int64(len(piece)) < n {
			piece = e.whole(piece)
		}
		if e.base64 {
			e.out.buf = base64.StdEncoding.AppendEncode(e.out.buf, piece)
		} else {
			e.out.buf = appendEscaped(e.out.buf, piece)
		}
		n -= int64(len(piece))
		if _, err := e.in.Discard(len(piece)); err != nil {
			return err
		}
		if err := e.out.room(); err != nil {
			return err
		}
	}
	e.out.buf = append(e.out.buf, '"')
	_, err := e.in.Discard(len("\r\n"))
	return err
}

// whole is a piece of a longer string without what can only be encoded together with what follows.
func (e *encoder) whole(piece []byte) []byte {
	if e.base64 {
		return piece[:len(piece)-len(piece)%3]
	}
	for back := 1; back < utf8.UTFMax; back++ {
		if at := len(piece) - back; utf8.RuneStart(piece[at]) {
			if !utf8.FullRune(piece[at:]) {
				return piece[:at]
			}
			break
		}
	}
	return piece
}

// line reads the line that begins a value. What it returns is good until the next read.
func (e *encoder) line() (kind resp.Kind, rest []byte, err error) {
	line, err := e.in.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		first := append([]byte{}, line...)
		line, err = e.in.ReadBytes('\n')
		line = append(first, line...)
	}
	if err != nil {
		return 0, nil, err
	}
	if len(line) < len("+\r\n") {
		return 0, nil, fmt.Errorf("a reply starts with %q", line)
	}
	return resp.Kind(line[0]), line[1 : len(line)-len("\r\n")], nil
}

func (e encoding) appendText(dst, s []byte) []byte {
	if !e.base64 {
		return appendString(dst, s)
	}
	dst = append(dst, '"')
	dst = base64.StdEncoding.AppendEncode(dst, s)
	return append(dst, '"')
}

func appendError(dst, text []byte) []byte {
	dst = append(dst, `{"error":`...)
	return append(appendString(dst, text), '}')
}

// appendString appends a JSON string. Bytes that are no UTF-8 become U+FFFD.
func appendString(dst, s []byte) []byte {
	dst = append(dst, '"')
	dst = appendEscaped(dst, s)
	return append(dst, '"')
}

// appendEscaped appends what stands between the quotes of a JSON string.
func appendEscaped(dst, s []byte) []byte {
	const hex = "0123456789abcdef"
	plain := 0 // from here to i nothing needs an escape
	for i := 0; i < len(s); {
		c := s[i]
		if c >= ' ' && c < utf8.RuneSelf && c != '"' && c != '\\' {
			i++
			continue
		}
		dst = append(dst, s[plain:i]...)
		switch {
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
		case c == '\n':
			dst = append(dst, '\\', 'n')
		case c == '\r':
			dst = append(dst, '\\', 'r')
		case c == '\t':
			dst = append(dst, '\\', 't')
		case c < ' ':
			dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		default:
			r, size := utf8.DecodeRune(s[i:])
			dst = utf8.AppendRune(dst, r)
			i += size - 1
		}
		i++
		plain = i
	}
	return append(dst, s[plain:]...)
}
