package script

import (
	"slices"
	"strings"
	"sync"

	lua "github.com/yuin/gopher-lua"
	"github.com/yuin/gopher-lua/ast"
)

// findings are what the text of a script says of every run of it.
type findings struct {
	harmless bool     // it cannot change the interpreter
	constant bool     // it calls only commands whose names are in its text
	names    []string // of these commands, in upper case
}

// libraries are the global tables of which a harmless script uses nothing but what it names: then it cannot change them, because
// it never has them in hand. None of them holds a table.
var libraries = set("redis server string table math cjson")

// harmlessGlobals are the other global variables that a harmless script may read. The functions among them change only what they
// are given, and give away nothing that all scripts share: getmetatable, for one, would give away that of strings.
var harmlessGlobals = set("KEYS ARGV assert error ipairs next pairs pcall rawequal rawget rawset select setmetatable tonumber tostring type unpack xpcall")

// globals are all variables that there are.
var globals = sync.OnceValue(func() map[string]bool {
	state := New(nil).newState()
	defer state.Close()
	names := set("KEYS ARGV")
	state.G.Global.ForEach(func(name, _ lua.LValue) { names[name.String()] = true })
	return names
})

func set(names string) map[string]bool {
	all := map[string]bool{}
	for name := range strings.FieldsSeq(names) {
		all[name] = true
	}
	return all
}

// inspect finds out. It takes names for global variables even where they are those of local ones: it may find a harmless script
// guilty, never the other way round. On its way it mends what the compiler would get wrong (limitLastField).
func inspect(chunk []ast.Stmt) findings {
	i := inspector{findings{harmless: true, constant: true}}
	i.block(chunk)
	return i.findings
}

type inspector struct{ findings }

// member is what a script takes of a table. Whoever takes redis.call and does not call it may call anything later.
func (i *inspector) member(e *ast.AttrGetExpr) {
	library, name := memberOf(e)
	switch {
	case library == "":
		i.expressions(e.Object, e.Key)
	case name == "":
		i.expressions(e.Key)
		i.constant = i.constant && !runsCommands[library]
	default:
		i.constant = i.constant && !isCall(library, name)
	}
}

// call is a call of a function, or, with a receiver, of a method.
func (i *inspector) call(e *ast.FuncCallExpr) {
	if library, name := memberOf(e.Func); isCall(library, name) {
		command, ok := "", len(e.Args) > 0
		if ok {
			command, ok = text(e.Args[0])
		}
		i.constant = i.constant && ok
		if command = strings.ToUpper(command); ok && !slices.Contains(i.names, command) {
			i.names = append(i.names, command)
		}
	} else {
		i.expressions(e.Func)
	}
	i.expressions(e.Receiver)
	i.expressions(e.Args...)
}

// memberOf is the library that an expression takes something of, and the name of that if the text has it.
func memberOf(e ast.Expr) (library, name string) {
	if get, ok := e.(*ast.AttrGetExpr); ok {
		if object, ok := get.Object.(*ast.IdentExpr); ok && libraries[object.Value] {
			name, _ = text(get.Key)
			return object.Value, name
		}
	}
	return "", ""
}

// runsCommands are the names of the library that runs commands.
var runsCommands = set("redis server")

func isCall(library, name string) bool {
	return runsCommands[library] && (name == "call" || name == "pcall")
}

func text(e ast.Expr) (string, bool) {
	if s, ok := e.(*ast.StringExpr); ok {
		return s.Value, true
	}
	return "", false
}
