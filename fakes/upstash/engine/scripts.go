package engine

import (
	"strings"

	"tollgate/fakes/upstash/engine/script"
)

const (
	// maxScripts is how many scripts are kept, and maxScriptBytes how long their texts are together: 64 MiB. With one more all are
	// forgotten, as when the Redis restarts: clients send them again.
	maxScripts     = 10_000
	maxScriptBytes = 64 << 20
)

const (
	textNoScript  = "NOSCRIPT No matching script. Please use EVAL."
	textCompiling = "ERR Error compiling script (new function): "
)

// scripts are those that the engine knows, and the one that runs. They are used only by who holds the observer's turn.
type scripts struct {
	*observer
	lua   *script.Interpreter
	known map[string]knownScript // by SHA-1, in lower case
	bytes int                    // of the texts of the known ones

	running *runningScript // nil while none is
}

// knownScript is a compiled script, whether it ran well or not, and what its shebang line says.
type knownScript struct {
	sha     string
	program *script.Program
	flags   shebang
	noTTL   bool // it calls no command that has to do with times to live
}

func newScripts(o *observer) *scripts {
	all := &scripts{observer: o, known: map[string]knownScript{}}
	all.lua = script.New(all.command)
	return all
}

// find is the script that a command is to run, a name in upper case and its arguments, of which there are two at least.
func (all *scripts) find(name string, args []string) (known knownScript, refused string) {
	if name == "EVALSHA" || name == "EVALSHA_RO" {
		known, ok := all.known[strings.ToLower(args[0])]
		if !ok {
			return known, textNoScript
		}
		return known, ""
	}
	return all.learn(args[0], "<string>")
}

// learn compiles the text of a script, unless it is known. The name is what errors of syntax call it.
func (all *scripts) learn(text, name string) (known knownScript, refused string) {
	sha := hexSHA(text)
	if known, ok := all.known[sha]; ok {
		return known, ""
	}
	flags, body, refused := parseShebang(text)
	if refused != "" {
		return knownScript{}, refused
	}
	program, err := script.Compile(body, name)
	if err != nil {
		return knownScript{}, textCompiling + err.Error()
	}
	if all.bytes += len(text); len(all.known) >= maxScripts || all.bytes > maxScriptBytes {
		all.forget()
		all.bytes = len(text)
	}
	known = knownScript{sha: sha, program: program, flags: flags, noTTL: callsNoTTL(program)}
	all.known[sha] = known
	return known, ""
}

func (all *scripts) forget() {
	clear(all.known)
	all.bytes = 0
}

func callsNoTTL(program *script.Program) bool {
	names, known := program.Commands()
	for _, name := range names {
		known = known && knowsNoTTL[name]
	}
	return known
}

// needsTime says whether what a command runs may have to do with times to live. What runs nothing has not.
func (all *scripts) needsTime(name string, args []string) bool {
	known, refused := all.find(name, args)
	return refused == "" && !known.noTTL
}
