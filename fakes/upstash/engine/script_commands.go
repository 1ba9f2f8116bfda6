package engine

import (
	"strconv"
	"strings"

	"tollgate/fakes/upstash/engine/script"
	"tollgate/fakes/upstash/resp"
)

const textWriteFlag = "ERR Can not execute a script with write flag using *_ro command."

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
