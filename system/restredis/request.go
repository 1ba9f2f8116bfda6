package restredis

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"
)

// request is one HTTP request: a command, or a batch of them.
type request struct {
	command     string // for errors: upper-case name
	path, query string // path is escaped and starts with a slash
	body        []byte
	contentType string
	commands    [][]string
	repeatable  bool // may run twice
}

// Content types of the two request forms.
const (
	typeJSON = "application/json"
	typeRaw  = "application/octet-stream"
)

// newRequest encodes one command.
func newRequest(args []string, maxRequest int) (request, error) {
	r := request{command: strings.ToUpper(args[0]), commands: [][]string{args}, repeatable: Idempotent(args...)}
	if allUTF8(args) {
		r.path, r.body, r.contentType = "/", encodeJSON(args), typeJSON
	} else if err := r.encodeRaw(args); err != nil {
		return request{}, err
	}
	if size := len(r.path) + len(r.query) + len(r.body); size > maxRequest {
		return request{}, tooLarge(r.command, size, maxRequest)
	}
	return r, nil
}

// newBatch encodes several commands for /pipeline or /multi-exec.
func newBatch(name, path string, commands [][]string, maxRequest int) (request, error) {
	r := request{command: name, path: path, commands: commands, contentType: typeJSON, repeatable: true}
	body := []byte{'['}
	for i, args := range commands {
		if !allUTF8(args) {
			return request{}, &Error{
				Kind: KindArgument, Command: strings.ToUpper(args[0]),
				Message: fmt.Sprintf("command %d of the batch has an argument that is not UTF-8, which JSON cannot carry; send the command on its own", i),
			}
		}
		if i > 0 {
			body = append(body, ',')
		}
		encoded := encodeJSON(args)
		if len(encoded) > maxRequest {
			return request{}, tooLarge(strings.ToUpper(args[0]), len(encoded), maxRequest)
		}
		body = append(body, encoded...)
		r.repeatable = r.repeatable && Idempotent(args...)
	}
	r.body = append(body, ']')
	return r, nil
}

// encodeRaw encodes a command in the path form: /NAME/arg/arg with the last
// argument as the body. Of SET key value EX|PX n the value is the body, and the
// option follows it as the query.
func (r *request) encodeRaw(args []string) error {
	last := len(args) - 1
	if r.command == "SET" && len(args) == 5 && (strings.EqualFold(args[3], "EX") || strings.EqualFold(args[3], "PX")) {
		last = 2
		r.query = strings.ToUpper(args[3]) + "=" + url.QueryEscape(args[4])
	}
	var path strings.Builder
	for i, arg := range args[:last] {
		if arg == "" || arg == "." || arg == ".." {
			return &Error{
				Kind: KindArgument, Command: r.command,
				Message: fmt.Sprintf("argument %d is %q and another is not UTF-8: the REST API can carry one or the other", i, arg),
			}
		}
		path.WriteString("/" + url.PathEscape(arg))
	}
	if args[last] == "" {
		return &Error{
			Kind: KindArgument, Command: r.command,
			Message: "the last argument is empty and another is not UTF-8: the REST API can carry one or the other",
		}
	}
	r.path, r.body, r.contentType = path.String(), []byte(args[last]), typeRaw
	return nil
}

func tooLarge(command string, size, limit int) error {
	return &Error{
		Kind: KindTooLarge, Command: command,
		Message: fmt.Sprintf("the request has %d bytes, the limit is %d; split it, or raise MaxRequest if the plan allows more", size, limit),
	}
}

func allUTF8(args []string) bool {
	for _, arg := range args {
		if !utf8.ValidString(arg) {
			return false
		}
	}
	return true
}

// encodeJSON encodes valid UTF-8 strings as a JSON array.
func encodeJSON(args []string) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(args) // cannot fail: strings into memory
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// texted turns the arguments of Do into strings as Redis takes them.
func texted(args []any) ([]string, error) {
	if len(args) == 0 {
		return nil, &Error{Kind: KindArgument, Command: "(none)", Message: "no command; the first argument is its name"}
	}
	name, ok := args[0].(string)
	if !ok || name == "" {
		return nil, &Error{Kind: KindArgument, Command: "(none)", Message: "the first argument is not a command's name"}
	}
	out := make([]string, len(args))
	for i, arg := range args {
		text, ok := argument(arg)
		if !ok {
			return nil, &Error{
				Kind: KindArgument, Command: strings.ToUpper(name),
				Message: fmt.Sprintf("argument %d is a %T; use a string, []byte, bool, integer or float", i, arg),
			}
		}
		out[i] = text
	}
	return out, nil
}

func argument(arg any) (string, bool) {
	switch v := arg.(type) {
	case string:
		return v, true
	case []byte:
		return string(v), true
	case bool:
		if v {
			return "1", true
		}
		return "0", true
	case int, int8, int16, int32, int64, uint, uint8, uint16, uint32, uint64:
		return fmt.Sprint(v), true
	case float32:
		return number(float64(v), 32), true
	case float64:
		return number(v, 64), true
	default:
		return "", false
	}
}

// number formats a float as Redis reads it.
func number(v float64, bits int) string {
	switch {
	case math.IsInf(v, 1):
		return "+inf"
	case math.IsInf(v, -1):
		return "-inf"
	default:
		return strconv.FormatFloat(v, 'f', -1, bits)
	}
}
