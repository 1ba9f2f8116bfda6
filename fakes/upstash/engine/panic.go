package engine

import (
	"runtime"
	"strings"
)

// maxFrames is how much of the stack is looked at; nothing goes as deep.
const maxFrames = 32768

// leftLocked says whether the panic that is being recovered left miniredis locked.
// It must be called by the deferred function, whose stack still is the panic's.
//
// Commands run within withTx, which locks and does not unlock by defer. EXEC,
// blocking commands and who uses inside do; within them withTx does not lock.
func leftLocked() bool {
	pcs := make([]uintptr, maxFrames)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs)])
	locked := false
	for {
		frame, more := frames.Next()
		switch name, _ := strings.CutPrefix(frame.Function, "github.com/alicebob/miniredis/v2."); name {
		case "withTx":
			locked = true
		case "(*Miniredis).cmdExec", "blocking", "tollgate/fakes/upstash/engine.(*inside).do":
			return false
		}
		if !more {
			return locked
		}
	}
}
