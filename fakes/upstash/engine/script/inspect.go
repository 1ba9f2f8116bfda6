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
// guilty, never the other way round.
func inspect(chunk []ast.Stmt) findings {
	i := inspector{findings{harmless: true, constant: true}}
	i.block(chunk)
	return i.findings
}

type inspector struct{ findings }

func (i *inspector) block(all []ast.Stmt) {
	for _, s := range all {
		i.statement(s)
	}
}

func (i *inspector) statement(s ast.Stmt) {
	switch s := s.(type) {
	case *ast.AssignStmt:
		for _, e := range s.Lhs {
			i.target(e)
		}
		i.expressions(s.Rhs...)
	case *ast.LocalAssignStmt:
		i.expressions(s.Exprs...)
	case *ast.FuncCallStmt:
		i.expressions(s.Expr)
	case *ast.DoBlockStmt:
		i.block(s.Stmts)
	case *ast.WhileStmt:
		i.expressions(s.Condition)
		i.block(s.Stmts)
	case *ast.RepeatStmt:
		i.expressions(s.Condition)
		i.block(s.Stmts)
	case *ast.IfStmt:
		i.expressions(s.Condition)
		i.block(s.Then)
		i.block(s.Else)
	case *ast.NumberForStmt:
		i.expressions(s.Init, s.Limit, s.Step)
		i.block(s.Stmts)
	case *ast.GenericForStmt:
		i.expressions(s.Exprs...)
		i.block(s.Stmts)
	case *ast.FuncDefStmt:
		if s.Name.Func != nil {
			i.target(s.Name.Func)
		}
		i.expressions(s.Name.Receiver, s.Func)
	case *ast.ReturnStmt:
		i.expressions(s.Exprs...)
	case *ast.BreakStmt, *ast.LabelStmt, *ast.GotoStmt:
	default:
		i.findings = findings{}
	}
}

// target is what a script assigns to.
func (i *inspector) target(e ast.Expr) {
	switch e := e.(type) {
	case *ast.IdentExpr:
		i.harmless = i.harmless && !globals()[e.Value]
	case *ast.AttrGetExpr:
		i.expressions(e.Object, e.Key) // a library, in hand
	default:
		i.findings = findings{}
	}
}

// expressions takes nil for none.
func (i *inspector) expressions(all ...ast.Expr) {
	for _, e := range all {
		i.expression(e)
	}
}

func (i *inspector) expression(e ast.Expr) {
	switch e := e.(type) {
	case nil, *ast.TrueExpr, *ast.FalseExpr, *ast.NilExpr, *ast.NumberExpr, *ast.StringExpr, *ast.Comma3Expr:
	case *ast.IdentExpr:
		i.harmless = i.harmless && (harmlessGlobals[e.Value] || !globals()[e.Value])
	case *ast.AttrGetExpr:
		i.member(e)
	case *ast.FuncCallExpr:
		i.call(e)
	case *ast.FunctionExpr:
		i.block(e.Stmts)
	case *ast.TableExpr:
		for _, field := range e.Fields {
			i.expressions(field.Key, field.Value)
		}
	case *ast.LogicalOpExpr:
		i.expressions(e.Lhs, e.Rhs)
	case *ast.RelationalOpExpr:
		i.expressions(e.Lhs, e.Rhs)
	case *ast.StringConcatOpExpr:
		i.expressions(e.Lhs, e.Rhs)
	case *ast.ArithmeticOpExpr:
		i.expressions(e.Lhs, e.Rhs)
	case *ast.UnaryMinusOpExpr:
		i.expressions(e.Expr)
	case *ast.UnaryNotOpExpr:
		i.expressions(e.Expr)
	case *ast.UnaryLenOpExpr:
		i.expressions(e.Expr)
	default:
		i.findings = findings{}
	}
}

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
