package script

import (
	"fmt"

	luajson "github.com/alicebob/miniredis/v2/gopher-json"
	lua "github.com/yuin/gopher-lua"
)

// opened are the libraries of Lua that scripts have. debug is there only for who asks package for it.
var opened = []struct {
	name string
	open lua.LGFunction
}{
	{lua.LoadLibName, lua.OpenPackage},
	{lua.BaseLibName, lua.OpenBase},
	{lua.CoroutineLibName, lua.OpenCoroutine},
	{lua.TabLibName, lua.OpenTable},
	{lua.StringLibName, lua.OpenString},
	{lua.MathLibName, lua.OpenMath},
	{lua.DebugLibName, lua.OpenDebug},
}

// osClock is what os.clock answers, in seconds: time does not pass within a script.
const osClock = 42

// newState makes a state in which nothing has run.
func (i *Interpreter) newState() *lua.LState {
	state := lua.NewState(lua.Options{SkipOpenLibs: true})
	for _, library := range opened {
		state.Push(state.NewFunction(library.open))
		state.Push(lua.LString(library.name))
		state.Call(1, 0)
	}
	luajson.Preload(state)
	global := state.G.Global
	state.Push(global.RawGetString("require"))
	state.Push(lua.LString("json"))
	state.Call(1, 1)
	global.RawSetString("cjson", state.Get(-1))
	state.SetTop(0)
	redis := i.redis(state)
	global.RawSetString("redis", redis)
	global.RawSetString("server", redis)
	state.RegisterModule("os", map[string]lua.LGFunction{"clock": func(state *lua.LState) int {
		state.Push(lua.LNumber(osClock))
		return 1
	}})
	global.RawSetString("debug", lua.LNil)
	state.SetTop(0)
	guard(state)
	return state
}

// guard has scripts fail that name a global variable which there is not, or make one.
func guard(state *lua.LState) {
	refuse := func(did string) *lua.LFunction {
		return state.NewFunction(func(state *lua.LState) int {
			state.Error(lua.LString(fmt.Sprintf("Script attempted to %s global variable '%s'", did, state.ToStringMeta(state.Get(2)))), 1)
			return 0
		})
	}
	guards := state.NewTable()
	guards.RawSetString("__index", refuse("access nonexistent"))
	guards.RawSetString("__newindex", refuse("create"))
	state.SetMetatable(state.G.Global, guards)
}
