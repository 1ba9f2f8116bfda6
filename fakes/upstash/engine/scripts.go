package engine

import (
	"strconv"
	"strings"

	"tollgate/fakes/upstash/engine/script"
	"tollgate/fakes/upstash/resp"
)

const (
	// maxScripts is how many scripts are kept, and maxScriptBytes how long their texts are together: 64 MiB. With one more all are
	// forgotten, as when the Redis restarts: clients send them again.
	maxScripts     = 10_000
	maxScriptBytes = 64 << 20

	textNoScript  = "NOSCRIPT No matching script. Please use EVAL."
	textWriteFlag = "ERR Can not execute a script with write flag using *_ro command."
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

// eval is EVAL and its kin.
func (all *scripts) eval(name string, args []string) resp.Value {
	keys, values, refused := splitKeys(args[1:])
	if refused != "" {
		return fail(refused)
	}
	known, refused := all.find(name, args)
	if refused != "" {
		return fail(refused)
	}
	readOnly := strings.HasSuffix(name, "_RO")
	if readOnly && known.flags.roRefused() {
		return fail(textWriteFlag)
	}
	all.running = &runningScript{knownScript: known, readOnly: readOnly || known.flags.noWrites}
	defer func() { all.running = nil }()
	if known.flags.locks {
		all.running.lock(keys)
	}
	return all.lua.Run(known.program, script.Run{SHA: known.sha, Keys: keys, Args: values})
}

// splitKeys takes the keys off the other arguments, behind their number.
func splitKeys(args []string) (keys, values []string, refused string) {
	n, err := strconv.Atoi(args[0])
	switch args = args[1:]; {
	case err != nil:
		return nil, nil, textNotInt
	case n < 0:
		return nil, nil, "ERR Number of keys can't be negative"
	case n > len(args):
		return nil, nil, "ERR Number of keys can't be greater than number of args"
	}
	return args[:n], args[n:], ""
}

// isScriptCommand says whether SCRIPT is told something that the engine does; miniredis has the errors for the rest.
func isScriptCommand(_ *inside, args []string) bool {
	switch sub := strings.ToUpper(args[0]); {
	case sub == "LOAD":
		return len(args) == 2
	case sub == "EXISTS":
		return len(args) > 1
	case sub == "FLUSH" && len(args) == 2:
		return is(args[1], "SYNC") || is(args[1], "ASYNC")
	case sub == "FLUSH", sub == "KILL":
		return len(args) == 1
	}
	return false
}

// manage is SCRIPT. There never is a script to stop, since scripts run alone.
func (all *scripts) manage(args []string) resp.Value {
	switch strings.ToUpper(args[0]) {
	case "LOAD":
		known, refused := all.learn(args[1], "user_script")
		if refused != "" {
			return fail(refused)
		}
		return resp.Bulk(known.sha)
	case "EXISTS":
		found := make([]resp.Value, len(args)-1)
		for at, sha := range args[1:] {
			found[at] = resp.Int(0)
			if _, ok := all.known[strings.ToLower(sha)]; ok {
				found[at] = resp.Int(1)
			}
		}
		return resp.List(found...)
	case "FLUSH":
		all.forget()
		return resp.OK()
	}
	return fail("NOTBUSY No scripts in execution right now.")
}

// eval makes the extensions that run scripts, and manageScripts is SCRIPT.
func eval(name string) func(*inside, []string) resp.Value {
	return func(in *inside, args []string) resp.Value { return in.scripts.eval(name, args) }
}

func manageScripts(in *inside, args []string) resp.Value { return in.scripts.manage(args) }
