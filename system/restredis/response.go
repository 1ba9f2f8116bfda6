package restredis

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
)

// envelope is the JSON of one command's reply.
type envelope struct {
	Result json.RawMessage `json:"result"`
	Error  *string         `json:"error"`
}

// errReply says what is wrong with a reply that cannot be understood.
var errReply = errors.New("malformed reply")

// reply is one decoded reply: a value, or Redis' error text.
type reply struct {
	value  any
	failed bool
	text   string
}

// decodeReply reads {"result":...} or {"error":"..."}.
func decodeReply(body []byte) (reply, error) {
	var e envelope
	if err := json.Unmarshal(body, &e); err != nil {
		return reply{}, fmt.Errorf("%w: not a JSON object with result or error", errReply)
	}
	return e.reply()
}

// decodeBatch reads an array of n replies.
func decodeBatch(body []byte, n int) ([]reply, error) {
	var list []envelope
	if err := json.Unmarshal(body, &list); err != nil {
		return nil, fmt.Errorf("%w: not a JSON array of results", errReply)
	}
	if len(list) != n {
		return nil, fmt.Errorf("%w: %d results for %d commands", errReply, len(list), n)
	}
	replies := make([]reply, n)
	for i, e := range list {
		var err error
		if replies[i], err = e.reply(); err != nil {
			return nil, err
		}
	}
	return replies, nil
}

// errorText returns the error text of a body, "" when it holds none.
func errorText(body []byte) string {
	var e envelope
	if err := json.Unmarshal(body, &e); err != nil || e.Error == nil {
		return ""
	}
	return *e.Error
}

func (e envelope) reply() (reply, error) {
	switch {
	case e.Error != nil:
		return reply{failed: true, text: *e.Error}, nil
	case e.Result == nil:
		return reply{}, fmt.Errorf("%w: neither result nor error", errReply)
	}
	dec := json.NewDecoder(bytes.NewReader(e.Result))
	dec.UseNumber()
	var raw any
	if err := dec.Decode(&raw); err != nil {
		return reply{}, fmt.Errorf("%w: the result is not JSON", errReply)
	}
	value, err := decodeValue(raw)
	return reply{value: value}, err
}

// decodeValue turns JSON into Redis values: nil, int64, string or []any. Strings
// are base64 except for the plain status OK, which base64 can never yield.
func decodeValue(raw any) (any, error) {
	switch v := raw.(type) {
	case nil:
		return nil, nil // Redis' nil
	case json.Number:
		n, err := v.Int64()
		if err != nil {
			return nil, fmt.Errorf("%w: a number is not a 64-bit integer", errReply)
		}
		return n, nil
	case string:
		if v == "OK" {
			return v, nil
		}
		decoded, err := base64.StdEncoding.Strict().DecodeString(v)
		if err != nil {
			return nil, fmt.Errorf("%w: a string is not base64; does the server know Upstash-Encoding?", errReply)
		}
		return string(decoded), nil
	case []any:
		for i := range v {
			var err error
			if v[i], err = decodeValue(v[i]); err != nil {
				return nil, err
			}
		}
		return v, nil
	default:
		return nil, fmt.Errorf("%w: a value is neither null, number, string nor array", errReply)
	}
}
