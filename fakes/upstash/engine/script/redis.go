package script

import (
	"crypto/sha1" //nolint:gosec // what redis.sha1hex computes
	"encoding/hex"
	"fmt"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

const textArguments = "wrong number or type of arguments"

// redis makes the library that gives scripts Redis.
func (i *Interpreter) redis(state *lua.LState) *lua.LTable {
	library := state.NewTable()
	state.SetFuncs(library, map[string]lua.LGFunction{
		"call":               func(state *lua.LState) int { return i.command(state, raise) },
		"pcall":              func(state *lua.LState) int { return i.command(state, give) },
		"error_reply":        errorReply,
		"status_reply":       statusReply,
		"sha1hex":            sha1hex,
		"log":                log,
		"replicate_commands": replicateCommands,
		"set_repl":           setRepl,
		"setresp":            setResp,
	})
	for level, name := range []string{"LOG_DEBUG", "LOG_VERBOSE", "LOG_NOTICE", "LOG_WARNING"} {
		library.RawSetString(name, lua.LNumber(level))
	}
	return library
}

// command runs a command, whose words are all the arguments. An error that it answers is handed to failed.
func (i *Interpreter) command(state *lua.LState, failed func(*lua.LState, refusal) int) int {
	count := state.GetTop()
	if count == 0 {
		return raise(state, refusal{call: "Please specify at least one argument for this redis lib call" + i.where()})
	}
	words := make([]string, count)
	for at := range words {
		switch word := state.Get(at + 1).(type) {
		case lua.LString:
			words[at] = string(word)
		case lua.LNumber:
			words[at] = word.String()
		default:
			return raise(state, refusal{call: "Lua redis lib command arguments must be strings or integers" + i.where()})
		}
	}
	reply := i.call(words)
	switch {
	case !reply.IsError():
		state.Push(valueOf(state, reply))
		return 1
	case strings.Contains(reply.Text(), "ERR unknown command"):
		return failed(state, refusal{
			call:  "Unknown Redis command called from script" + i.where(),
			pcall: "ERR Unknown Redis command called from script",
		})
	}
	return failed(state, refusal{call: reply.Text(), pcall: reply.Text()})
}

// where says which script it is, at the end of an error.
func (i *Interpreter) where() string { return fmt.Sprintf(" script: %s, &c.", i.run.SHA) }

// refusal is an error in the words of redis.call and of redis.pcall.
type refusal struct{ call, pcall string }

// raise has the script fail.
func raise(state *lua.LState, why refusal) int {
	state.Error(lua.LString(why.call), 1)
	return 0
}

// give gives the error to the script.
func give(state *lua.LState, why refusal) int {
	state.Push(single(state, "err", why.pcall))
	return 1
}

func errorReply(state *lua.LState) int {
	message, ok := state.Get(1).(lua.LString)
	if !ok {
		return raise(state, refusal{call: textArguments})
	}
	code, rest, more := strings.Cut(string(message), " ")
	code = strings.TrimPrefix(code, "-")
	if !more {
		code, rest = "ERR", code
	}
	state.Push(single(state, "err", code+" "+rest))
	return 1
}

func statusReply(state *lua.LState) int {
	message, ok := state.Get(1).(lua.LString)
	if !ok {
		return raise(state, refusal{call: textArguments})
	}
	state.Push(single(state, "ok", string(message)))
	return 1
}

func sha1hex(state *lua.LState) int {
	if state.GetTop() != 1 {
		return raise(state, refusal{call: "wrong number of arguments"})
	}
	sum := sha1.Sum([]byte(lua.LVAsString(state.Get(1)))) //nolint:gosec // it is asked for
	state.Push(lua.LString(hex.EncodeToString(sum[:])))
	return 1
}

// log checks what it is given; there is no log.
func log(state *lua.LState) int {
	state.CheckInt(1)
	state.CheckString(2)
	return 0
}

func replicateCommands(state *lua.LState) int {
	state.Push(lua.LTrue)
	return 1
}

// setRepl changes nothing, since nothing is replicated, and answers what it is given, as miniredis does.
func setRepl(state *lua.LState) int {
	if state.GetTop() != 1 {
		return raise(state, refusal{call: "wrong number of arguments"})
	}
	return 1
}

// setResp changes nothing: commands answer scripts in the types of RESP2.
func setResp(state *lua.LState) int {
	if version := state.CheckInt(1); version != 2 && version != 3 {
		return raise(state, refusal{call: "RESP version must be 2 or 3"})
	}
	return 0
}
