package engine

import (
	"time"

	"github.com/alicebob/miniredis/v2/server"
)

// Register gives the engine a command for a test.
func (e *Embedded) Register(name string, f func(args []string)) error {
	return e.srv.Register(name, func(peer *server.Peer, _ string, args []string) {
		f(args)
		peer.WriteOK()
	})
}

// MiniredisEval is the command that is miniredis's own EVAL, once RegisterMiniredisEval made it one.
const MiniredisEval = "TEST.EVAL"

// RegisterMiniredisEval gives the engine miniredis's own EVAL, which knows nothing of extensions and panics at some values that
// a script returns, while miniredis is locked.
func (e *Embedded) RegisterMiniredisEval() error {
	return e.srv.Register(MiniredisEval, func(peer *server.Peer, _ string, args []string) {
		e.srv.Dispatch(peer, append([]string{"EVAL"}, args...))
	})
}

// PassTimeAlways has time passed on before every command.
func (e *Embedded) PassTimeAlways() { e.observer.ttl.always = true }

// TimePassed is how much time was passed on so far.
func (e *Embedded) TimePassed() time.Duration { return e.observer.ttl.passed }
