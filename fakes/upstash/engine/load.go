package engine

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"tollgate/fakes/upstash/resp"
)

// ErrCutShort is the error of loading a dump whose end is missing.
var ErrCutShort = errors.New("engine: the dump is cut short")

// Load runs the commands that Dump wrote; the engine should be empty. They count
// as nobody's. After an error, which names the command and key, the data set is
// whatever was loaded by then.
func (e *Embedded) Load(r io.Reader) error {
	return e.LoadFrom(resp.NewCommandReader(r, resp.Limits{}))
}

// LoadFrom is Load for who wants to know how far it came, or to read what follows
// the dump.
func (e *Embedded) LoadFrom(commands *resp.CommandReader) error {
	e.observer.turn.Lock()
	e.observer.ttl.advance(0)
	e.observer.turn.Unlock()
	for {
		next, err := commands.Next()
		words := next.Words
		switch {
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
			return ErrCutShort
		case err != nil:
			return fmt.Errorf("engine: read dump: %w", err)
		case len(words) < 2:
			return fmt.Errorf("engine: read dump: a command has only %d words", len(words))
		}
		command := texts(words)
		if command[0] == "ECHO" && command[1] == dumpEnd {
			return nil
		}
		if reply := e.load(command); reply.IsError() {
			return fmt.Errorf("engine: load: %s of %q: %s", command[0], command[1], reply.Text())
		}
	}
}

func (e *Embedded) load(command []string) (reply resp.Value) {
	e.observer.turn.Lock()
	defer e.observer.turn.Unlock()
	e.mini.Lock()
	defer e.mini.Unlock()
	defer func() {
		if cause := recover(); cause != nil {
			reply = resp.Errorf("ERR miniredis panicked: %v", cause)
		}
	}()
	in := e.observer.inside
	if c, ok := callOf(in, strings.ToUpper(command[0]), command[1:]); ok {
		return c.answer(in)
	}
	return in.do(command...)
}
