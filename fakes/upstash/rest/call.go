package rest

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"tollgate/fakes/upstash/commands"
)

// windowCalls is how many commands of a pipeline are under way at a time.
const windowCalls = 1024

// errEmptyTransaction has no known text of the vendor's.
var errEmptyTransaction = errors.New("ERR empty transaction request")

// fromBody answers a request to "/".
func (x *exchange) fromBody() {
	if err := x.words.parseCommand(x.body); err != nil {
		x.badRequest(err)
		return
	}
	x.single()
}

// fromPath answers a request whose path is a command.
func (x *exchange) fromPath(path string, query [][]byte) {
	args, err := parsePath(path)
	if err != nil {
		x.badRequest(err)
		return
	}
	if name := strings.ToUpper(string(args[0])); streams(name) {
		x.listen(name, args) // clients send "[]" for a body, which is no argument
		return
	}
	if len(x.body) > 0 {
		args = append(args, x.body)
	}
	x.words.cmds = append(x.words.cmds, append(args, query...))
	x.single()
}

// single runs one command. Its failure is the request's.
func (x *exchange) single() {
	x.admit(x.words.cmds)
	if x.resp2 {
		x.kind = typeRESP
	}
	if !x.do(false) {
		return
	}
	if len(x.replies.failed) > 0 {
		x.status = http.StatusBadRequest
	}
	x.flush()
}

// pipeline runs commands that fail one by one.
func (x *exchange) pipeline() {
	if err := x.words.parseCommands(x.body); err != nil {
		x.badRequest(err)
		return
	}
	if x.resp2 {
		x.kind = typeRESP
	} else {
		x.buf = append(x.buf, '[')
	}
	for window := range slices.Chunk(x.words.cmds, windowCalls) {
		x.settle()
		x.admit(window)
		if !x.do(false) {
			return
		}
	}
	x.flush()
	if !x.resp2 && x.status == http.StatusOK {
		x.buf = append(x.buf, ']')
	}
}

// transaction runs commands all together or not at all. It always answers in JSON.
func (x *exchange) transaction() {
	err := x.words.parseCommands(x.body)
	if errors.Is(err, errEmptyPipeline) {
		err = errEmptyTransaction
	}
	if err != nil {
		x.badRequest(err)
		return
	}
	x.resp2 = false
	x.admit(x.words.cmds)
	if refusal := x.discarded(); refusal != "" {
		x.fail(http.StatusBadRequest, refusal)
		return
	}
	x.buf = append(x.buf, '[')
	if x.do(true) {
		x.flush()
		if x.status == http.StatusOK {
			x.buf = append(x.buf, ']')
		}
	}
}

// discarded says why none of the calls of a transaction may run, and books those that are not booked yet; "" means
// that they may.
func (x *exchange) discarded() (refusal string) {
	for i := range x.calls {
		call := &x.calls[i]
		if call.Refusal == "" && !call.Command.Accepts(len(call.Args)) {
			x.h.backend.Refused(x.principal, call.Command.Name, false)
			call.Refusal = commands.WrongArity(call.Command.Name)
		}
		refusal = cmp.Or(refusal, call.Refusal)
	}
	if refusal == "" {
		return ""
	}
	for _, call := range x.calls {
		if call.Refusal == "" {
			x.h.backend.Refused(x.principal, call.Command.Name, false)
		}
	}
	return refusal
}

// admit makes calls of commands.
func (x *exchange) admit(cmds [][][]byte) {
	x.admitted += len(cmds)
	for _, args := range cmds {
		cmd, ok := commands.Lookup(args)
		x.calls = append(x.calls, Call{Command: cmd, Args: args, Refusal: x.refusal(args, cmd, ok)})
	}
}

// refusal says why a command may not run here, and books it; "" means that it may.
func (x *exchange) refusal(args [][]byte, cmd commands.Command, ok bool) string {
	switch {
	case !ok:
		name := commands.Name(args)
		x.h.backend.Refused(x.principal, name, true)
		return commands.Unavailable(name)
	case cmd.NoREST || commands.Blocks(args):
		x.h.backend.Refused(x.principal, cmd.Name, false)
		return commands.NotOverREST(cmd.Name)
	case cmd.NoReadOnly && x.principal.ReadOnly:
		x.h.backend.Refused(x.principal, cmd.Name, false)
		return commands.NoPermission(cmd.Name)
	default:
		return ""
	}
}

// do lets the backend answer the calls. It is false if there is an answer already, as it could not.
func (x *exchange) do(atomic bool) bool {
	before := x.replies.count
	if err := x.h.backend.Do(x.ctx, x.principal, x.calls, atomic, &x.replies); err != nil {
		x.undone(err)
		return false
	}
	if got := x.replies.count - before; got != len(x.calls) {
		x.engineFailed(fmt.Errorf("the backend gave %d replies to %d commands", got, len(x.calls)))
		return false
	}
	return true
}

// undone answers where the backend did not.
func (x *exchange) undone(err error) {
	if discarded := (*DiscardedError)(nil); errors.As(err, &discarded) {
		x.fail(http.StatusBadRequest, discarded.Reply)
		return
	}
	x.engineFailed(err)
}

// flush writes the replies that are not written yet.
func (x *exchange) flush() {
	if err := x.drain(); err != nil {
		x.engineFailed(err)
	}
}
