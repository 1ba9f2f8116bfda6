package rest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
)

// maxArgs bounds the words of all commands of one request, as Redis bounds those of one command.
const maxArgs = 1 << 20

// The texts for bodies that are no command.
var (
	errNoArray       = errors.New("expected JSON array")
	errEmptyCommand  = errors.New("ERR empty command")
	errEmptyPipeline = errors.New("ERR empty pipeline request")
	errNullArg       = errors.New("ERR null args are not supported")
	errTrailing      = errors.New("ERR unexpected data after the JSON array")
	errTooManyArgs   = fmt.Errorf("ERR too many arguments in one request: the limit is %d", maxArgs)
)

// bodyParser reads commands from JSON token by token, so that numbers keep their digits and nothing that cannot
// be a command is ever built.
type bodyParser struct {
	dec  *json.Decoder
	args int
}

func newBodyParser(body []byte) *bodyParser {
	p := &bodyParser{dec: json.NewDecoder(bytes.NewReader(body))}
	p.dec.UseNumber()
	return p
}

// parseCommand reads a body of the form ["SET", "k", "v", "EX", 100].
func parseCommand(body []byte) ([][]byte, error) {
	p := newBodyParser(body)
	if err := p.open(); err != nil {
		return nil, err
	}
	args, err := p.command()
	if err != nil {
		return nil, err
	}
	return args, p.end()
}

// parseCommands reads a body of the form [["SET", "k", "v"], ["GET", "k"]]: at least one command.
func parseCommands(body []byte) ([][][]byte, error) {
	p := newBodyParser(body)
	if err := p.open(); err != nil {
		return nil, err
	}
	var cmds [][][]byte
	for p.dec.More() {
		if err := p.open(); err != nil {
			return nil, err
		}
		args, err := p.command()
		if err != nil {
			return nil, err
		}
		cmds = append(cmds, args)
	}
	if _, err := p.token(); err != nil { // the closing bracket
		return nil, err
	}
	if len(cmds) == 0 {
		return nil, errEmptyPipeline
	}
	return cmds, p.end()
}

// open reads the start of an array.
func (p *bodyParser) open() error {
	token, err := p.dec.Token()
	if err != nil {
		return err // of an empty body: EOF
	}
	if token != json.Delim('[') {
		return errNoArray
	}
	return nil
}

// command reads the words of a command up to the end of its array.
func (p *bodyParser) command() ([][]byte, error) {
	args := make([][]byte, 0, 4)
	for {
		token, err := p.token()
		if err != nil {
			return nil, err
		}
		if token == json.Delim(']') {
			break
		}
		if p.args++; p.args > maxArgs {
			return nil, errTooManyArgs
		}
		arg, err := argument(token)
		if err != nil {
			return nil, err
		}
		args = append(args, arg)
	}
	if len(args) == 0 {
		return nil, errEmptyCommand
	}
	return args, nil
}

// token reads a token inside an array, where the body must not end.
func (p *bodyParser) token() (json.Token, error) {
	token, err := p.dec.Token()
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return token, err
}

// end makes sure that nothing but white space follows.
func (p *bodyParser) end() error {
	if _, err := p.dec.Token(); !errors.Is(err, io.EOF) {
		return errTrailing
	}
	return nil
}

// argument turns one JSON value into a word of a command.
func argument(token json.Token) ([]byte, error) {
	switch v := token.(type) {
	case string:
		return []byte(v), nil
	case json.Number:
		return []byte(v), nil
	case bool:
		return strconv.AppendBool(nil, v), nil
	case nil:
		return nil, errNullArg
	default: // an array or an object; the text is the vendor's
		return nil, fmt.Errorf("ERR unsupported arg type: %q: %T", v, v)
	}
}
