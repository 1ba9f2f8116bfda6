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

// PassTimeAlways has time passed on before every command.
func (e *Embedded) PassTimeAlways() { e.observer.ttl.always = true }

// TimePassed is how much time was passed on so far.
func (e *Embedded) TimePassed() time.Duration { return e.observer.ttl.passed }
