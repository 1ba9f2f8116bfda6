package script

import (
	lua "github.com/yuin/gopher-lua"

	"tollgate/fakes/upstash/resp"
)

// Call runs a command for a script; there is at least one word. It answers in the types of RESP2. A command that there is not it
// answers with an error that begins with "ERR unknown command".
type Call func(words []string) resp.Value

// Run is what differs from run to run of a program.
type Run struct {
	SHA        string // of the script, as errors name it
	Keys, Args []string
}

// Interpreter runs programs, one at a time. Make one with New.
type Interpreter struct {
	call Call
	run  Run         // under way
	kept *lua.LState // for harmless programs; nil until there was one, and after a failure
}

// New makes an interpreter.
func New(call Call) *Interpreter { return &Interpreter{call: call} }

// Run runs a program and is its reply, in the types of RESP2: an error if it fails. A panic of Call's is such a failure.
func (i *Interpreter) Run(p *Program, run Run) resp.Value {
	i.run = run
	state := i.stateFor(p)
	state.G.Global.RawSetString("KEYS", list(state, run.Keys))
	state.G.Global.RawSetString("ARGV", list(state, run.Args))
	state.Push(state.NewFunctionFromProto(p.proto))
	if err := state.PCall(0, 1, nil); err != nil {
		state.Close()
		return failure(err)
	}
	reply := replyOf(state.Get(-1))
	if p.harmless {
		state.SetTop(0)
		i.kept = state
	} else {
		state.Close()
	}
	return reply
}

// stateFor is a state for one run. It is kept again only once that has gone well.
func (i *Interpreter) stateFor(p *Program) *lua.LState {
	if state := i.kept; state != nil && p.harmless {
		i.kept = nil
		return state
	}
	return i.newState()
}

func list(state *lua.LState, words []string) *lua.LTable {
	table := state.CreateTable(len(words), 0)
	for _, word := range words {
		table.Append(lua.LString(word))
	}
	return table
}
