package rest

import (
	"encoding/base64"
	"errors"
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
	switch format := strings.ToLower(header.Get(headerFormat)); {
	case format == "" || format == "json":
	case format != "resp2":
		return encoding{}, errFormat
	case enc.base64:
		return encoding{}, errBoth
	default:
		enc.resp2 = true
	}
	return enc, nil
}

// appendOutcome appends {"result": ...} or {"error": "..."}.
func (e encoding) appendOutcome(dst []byte, v resp.Value) []byte {
	if v.IsError() {
		return appendError(dst, v.Str)
	}
	dst = append(dst, `{"result":`...)
	if v.Kind == resp.SimpleString && string(v.Str) == "OK" {
		dst = append(dst, `"OK"`...) // the one string that base64 leaves alone
	} else {
		dst = e.appendJSON(dst, v)
	}
	return append(dst, '}')
}

// outcomes is an array with the outcome of each command.
func (e encoding) outcomes(replies []resp.Value) []byte {
	dst := []byte{'['}
	for i, v := range replies {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = e.appendOutcome(dst, v)
	}
	return append(dst, ']')
}

// appendJSON appends a value as JSON, in the view of RESP2: doubles are strings, maps are flat arrays.
func (e encoding) appendJSON(dst []byte, v resp.Value) []byte {
	switch v.Kind {
	case resp.Null:
		return append(dst, "null"...)
	case resp.Integer, resp.Boolean:
		return strconv.AppendInt(dst, v.Int, 10)
	case resp.Array, resp.Map, resp.Set, resp.Push:
		dst = append(dst, '[')
		for i, item := range v.Array {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = e.appendJSON(dst, item)
		}
		return append(dst, ']')
	case resp.Error, resp.BlobError:
		return appendString(dst, v.Str)
	case resp.Double:
		return e.appendText(dst, []byte(v.Text()))
	case resp.Verbatim:
		const format = len("txt:")
		return e.appendText(dst, v.Str[min(format, len(v.Str)):])
	default: // the kinds of string
		return e.appendText(dst, v.Str)
	}
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
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	for len(s) > 0 {
		c := s[0]
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
		case c < utf8.RuneSelf:
			dst = append(dst, c)
		default:
			r, size := utf8.DecodeRune(s)
			dst = utf8.AppendRune(dst, r)
			s = s[size:]
			continue
		}
		s = s[1:]
	}
	return append(dst, '"')
}
