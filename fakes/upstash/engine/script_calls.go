package engine

import (
	"bytes"
	"slices"
	"strings"

	"tollgate/fakes/upstash/commands"
	"tollgate/fakes/upstash/resp"
)

const (
	textNotFromScript = "ERR This Redis command is not allowed from script"
	textReadOnly      = "READONLY Write commands are not allowed from read-only scripts"
	textDynamicKey    = "ERR Dynamic keys are not allowed in Lua scripts when 'allow-key-locking' flag is set. Key was: "
)

// runningScript is a run of a script.
type runningScript struct {
	knownScript
	readOnly bool
	locked   map[string]struct{} // the keys that it may use; nil means all
}

func (r *runningScript) lock(keys []string) {
	r.locked = make(map[string]struct{}, len(keys))
	for _, key := range keys {
		r.locked[key] = struct{}{}
	}
}

// command runs a command that the running script calls.
func (all *scripts) command(words []string) resp.Value {
	name, args := strings.ToUpper(words[0]), words[1:]
	in, running := all.inside, all.running
	if running.readOnly && in.srv.IsRegisteredCommand(name) && !in.srv.IsReadOnlyCommand(name) {
		return fail(textReadOnly)
	}
	all.count(name)
	all.ttls = all.ttls || !knowsNoTTL[name]
	all.ttl.always = all.ttl.always || name == "SELECT"
	if tell := all.onInner.Load(); tell != nil {
		(*tell)(all.caller.id, running.sha, name, args)
	}
	if blocks(name, args) {
		return fail(textNotFromScript)
	}
	if key, ok := running.forbidden(words); ok {
		return fail(textDynamicKey + key)
	}
	if c, ok := callOf(in, name, args); ok && !RunsScript(name) && name != "SCRIPT" { // which miniredis refuses
		return c.answer(in)
	}
	reply := in.do(words...)
	if reply.IsError() { // which may name the script that miniredis takes it for
		reply.Str = bytes.ReplaceAll(reply.Str, []byte(in.sha), []byte(running.sha))
	}
	return reply
}

// forbidden is a key of a command that the script has not locked, if there is one.
func (r *runningScript) forbidden(words []string) (key string, ok bool) {
	if r.locked == nil {
		return "", false
	}
	all := make([][]byte, len(words))
	for at, word := range words {
		all[at] = []byte(word)
	}
	command, ok := commands.Lookup(all)
	if !ok {
		return "", false
	}
	for key := range command.Keys(all) {
		if _, locked := r.locked[string(key)]; !locked {
			return string(key), true
		}
	}
	return "", false
}

// blocks says whether a command would make a script, and with it every other script, wait.
func blocks(name string, args []string) bool {
	switch name {
	case "BLPOP", "BRPOP", "BRPOPLPUSH", "BLMOVE", "BLMPOP", "BZPOPMIN", "BZPOPMAX", "BZMPOP":
		return true
	case "XREAD", "XREADGROUP":
		return slices.ContainsFunc(args, func(arg string) bool { return is(arg, "BLOCK") })
	}
	return false
}
