package restredis

import (
	"context"
	"fmt"
	"net/http"
	"strings"
)

// Result is one command's part of a batch: its value, or why it failed.
type Result struct {
	Value any
	Err   error
}

// Do runs any command. Arguments are strings, []byte, bools (as 1 and 0),
// integers and floats. The value is nil, an int64, a string (any bytes) or an
// []any of these; an error of Redis is an ErrCommand.
func (c *Client) Do(ctx context.Context, args ...any) (any, error) {
	command, err := texted(args)
	if err != nil {
		return nil, err
	}
	return c.do(ctx, command...)
}

// do runs one command given as strings.
func (c *Client) do(ctx context.Context, args ...string) (any, error) {
	r, err := newRequest(args, c.cfg.MaxRequest)
	if err != nil {
		return nil, err
	}
	body, err := c.send(ctx, r)
	if err != nil {
		return nil, err
	}
	decoded, err := decodeReply(body)
	if err != nil {
		return nil, malformed(r.command, err)
	}
	if decoded.failed { // some servers of the same API send errors with status 200
		return nil, c.refused(r, http.StatusOK, decoded.text)
	}
	return decoded.value, nil
}

// Pipeline runs commands in one request, in order and not as a unit: each has a
// result of its own, in the same order. The error is of the request as a whole;
// then no result is returned and any of the commands may have run.
func (c *Client) Pipeline(ctx context.Context, cmds [][]any) ([]Result, error) {
	return c.batch(ctx, "PIPELINE", "/pipeline", cmds)
}

// MultiExec runs commands as one transaction. When the server discards it as a
// whole, none ran and the error says why; a command that fails within it does
// not stop the others.
func (c *Client) MultiExec(ctx context.Context, cmds [][]any) ([]Result, error) {
	return c.batch(ctx, "MULTI-EXEC", "/multi-exec", cmds)
}

func (c *Client) batch(ctx context.Context, name, path string, cmds [][]any) ([]Result, error) {
	if len(cmds) == 0 {
		return nil, nil
	}
	commands := make([][]string, len(cmds))
	for i, args := range cmds {
		var err error
		if commands[i], err = texted(args); err != nil {
			return nil, err
		}
	}
	r, err := newBatch(name, path, commands, c.cfg.MaxRequest)
	if err != nil {
		return nil, err
	}
	body, err := c.send(ctx, r)
	if err != nil {
		return nil, err
	}
	replies, err := decodeBatch(body, len(cmds))
	if err != nil {
		if text := errorText(body); text != "" { // discarded as a whole
			return nil, c.refused(r, http.StatusOK, text)
		}
		return nil, malformed(name, err)
	}
	results := make([]Result, len(replies))
	for i, reply := range replies {
		results[i].Value = reply.value
		if reply.failed {
			results[i].Err = &Error{
				Kind: kindOfText(reply.text), Command: strings.ToUpper(commands[i][0]), Status: http.StatusOK,
				Message: c.scrubFor(commands[i:i+1], reply.text),
			}
		}
	}
	return results, nil
}

// malformed is the error of a 200 reply that cannot be understood.
func malformed(command string, err error) *Error {
	return &Error{Kind: KindProtocol, Command: command, Status: http.StatusOK, Message: err.Error(), Err: err}
}

// unexpected is the error of a value of another type than the command's.
func unexpected(command string, value any) *Error {
	return malformed(command, fmt.Errorf("%w: a %T where the command answers with something else", errReply, value))
}

// integer runs a command that answers with an integer.
func (c *Client) integer(ctx context.Context, args ...string) (int64, error) {
	value, err := c.do(ctx, args...)
	if err != nil {
		return 0, err
	}
	n, ok := value.(int64)
	if !ok {
		return 0, unexpected(args[0], value)
	}
	return n, nil
}

// list runs a command that answers with an array.
func (c *Client) list(ctx context.Context, args ...string) ([]any, error) {
	value, err := c.do(ctx, args...)
	if err != nil {
		return nil, err
	}
	elements, ok := value.([]any)
	if !ok {
		return nil, unexpected(args[0], value)
	}
	return elements, nil
}

// stringsOf returns the elements of an array of strings.
func stringsOf(command string, elements []any) ([]string, error) {
	out := make([]string, len(elements))
	for i, e := range elements {
		text, ok := e.(string)
		if !ok {
			return nil, unexpected(command, e)
		}
		out[i] = text
	}
	return out, nil
}
