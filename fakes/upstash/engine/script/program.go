package script

import (
	"strings"

	lua "github.com/yuin/gopher-lua"
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
	proto, err := lua.Compile(chunk, "") // errors of a run begin with the line
	if err != nil {
		return nil, err
	}
	return &Program{proto: proto, findings: inspect(chunk)}, nil
}

// Commands are the names, in upper case, of all commands that the program can call; known is false where the text does not tell.
func (p *Program) Commands() (names []string, known bool) {
	if !p.harmless || !p.constant {
		return nil, false
	}
	return p.names, true
}
