package script

import (
	"strings"

	lua "github.com/yuin/gopher-lua"
	"github.com/yuin/gopher-lua/ast"
	"github.com/yuin/gopher-lua/parse"
)

// Program is a compiled script. It is not changed by runs, so that several interpreters may share it.
type Program struct {
	proto *lua.FunctionProto
	findings
}

// Compile compiles a script. The name is what errors of syntax call it.
func Compile(text, name string) (*Program, error) {
	chunk, err := parse.Parse(strings.NewReader(text), name)
	if err != nil {
		return nil, err
	}
	found := inspect(chunk)
	proto, err := lua.Compile(chunk, "") // errors of a run begin with the line
	if err != nil {
		return nil, err
	}
	return &Program{proto: proto, findings: found}, nil
}

// limitLastField has the call in {1, key = call()} give one value, as Lua says. gopher-lua's compiler takes a call in the last field
// for more elements of the list even where the field has a key, and then appends what the interpreter last held there: values of
// other scripts, too.
func limitLastField(table *ast.TableExpr) {
	if len(table.Fields) == 0 {
		return
	}
	last := table.Fields[len(table.Fields)-1]
	if last.Key == nil {
		return
	}
	switch value := last.Value.(type) {
	case *ast.FuncCallExpr:
		value.AdjustRet = true
	case *ast.Comma3Expr:
		value.AdjustRet = true
	}
}

// Commands are the names, in upper case, of all commands that the program can call; known is false where the text does not tell.
func (p *Program) Commands() (names []string, known bool) {
	if !p.harmless || !p.constant {
		return nil, false
	}
	return p.names, true
}
