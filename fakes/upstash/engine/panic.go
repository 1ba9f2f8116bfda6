package engine

import (
	"errors"
	"runtime"
	"strings"
)

// maxFrames is how deep the stack may be when a reply is written: nothing but a
// script's table that holds itself goes beyond, and that without end.
const maxFrames = 512

// errTooDeep is what writing a reply panics with.
var errTooDeep = errors.New("a reply that is nested too deep")

// mustNotBeDeep panics if the stack is too deep, while it is not too late: Go ends
// the process when there is no more room, and miniredis follows a table that holds
// itself for ever.
func mustNotBeDeep() {
	var pcs [maxFrames]uintptr
	if runtime.Callers(1, pcs[:]) == maxFrames {
		panic(errTooDeep)
	}
}

// leftLocked says whether the panic that is being recovered left miniredis locked.
// It must be called by the deferred function, whose stack still is the panic's.
//
// Commands run within withTx, which locks and does not unlock by defer. EXEC,
// blocking commands and who uses inside do; within them withTx does not lock.
func leftLocked() bool {
	pcs := make([]uintptr, 64*maxFrames)
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
