package engine

import (
	"bytes"
	"strings"
)

// maxShebangScripts is how many scripts with a shebang line are known by their
// SHA-1. With one more all are forgotten, as when the Redis restarts: clients send
// them again.
const maxShebangScripts = 10_000

// shebangScripts are those that were seen, by the SHA-1 that clients know, without
// their texts. Whether one is there is for miniredis to say. It is used only by who
// holds the observer's turn.
type shebangScripts map[string]shebangScript

func (all shebangScripts) learn(s shebangScript) {
	if len(all) >= maxShebangScripts {
		clear(all)
	}
	s.run = ""
	all[s.sha] = s
}

// forMiniredis is a command about scripts as miniredis has to get it. Its words may
// be changed.
func (s *served) forMiniredis(name string, command []string) []string {
	if len(command) < 3 {
		if name == "SCRIPT" && len(command) == 2 {
			s.forgetScripts(command)
		}
		return command
	}
	switch name {
	case "EVAL", "EVAL_RO":
		return s.shebangEval(name, command)
	case "EVALSHA", "EVALSHA_RO":
		return s.shebangEvalSHA(name, command)
	case "SCRIPT":
		return s.shebangScript(command)
	}
	return command
}

func (s *served) shebangEval(name string, command []string) []string {
	if !hasShebang(command[1]) {
		return command
	}
	script, refusal := newShebangScript(command[1])
	if refusal == "" && name == "EVAL_RO" && script.roRefused {
		refusal = textWriteFlag
	}
	if refusal != "" {
		command[1] = failing(refusal)
		return command
	}
	s.meets(script)
	command[1] = script.run
	if script.readOnly {
		command[0] = "EVAL_RO"
	}
	return command
}

func (s *served) shebangEvalSHA(name string, command []string) []string {
	command[1] = strings.ToLower(command[1])
	script, ok := s.shebangs[command[1]]
	switch {
	case !ok:
	case name == "EVALSHA_RO" && script.roRefused:
		command[0], command[1] = "EVAL", failing(textWriteFlag)
	default:
		s.renamed = append(s.renamed, script)
		command[1] = script.runSHA
		if script.readOnly {
			command[0] = "EVALSHA_RO"
		}
	}
	return command
}

// shebangScript is for SCRIPT with at least one word after its sub-command.
func (s *served) shebangScript(command []string) []string {
	switch strings.ToUpper(command[1]) {
	case "LOAD":
		if len(command) != 3 || !hasShebang(command[2]) {
			return command
		}
		script, refusal := newShebangScript(command[2])
		if refusal != "" {
			return []string{"EVAL", failing(refusal), "0"}
		}
		s.meets(script)
		command[2] = script.run
	case "EXISTS":
		for i, sha := range command[2:] {
			sha = strings.ToLower(sha)
			if script, ok := s.shebangs[sha]; ok {
				sha = script.runSHA
			}
			command[2+i] = sha
		}
	case "FLUSH":
		if len(command) == 3 && (is(command[2], "SYNC") || is(command[2], "ASYNC")) {
			s.forgetScripts(command)
		}
	}
	return command
}

// meets learns of a script that the command brings.
func (s *served) meets(script shebangScript) {
	s.shebangs.learn(script)
	script.run = ""
	s.renamed = append(s.renamed, script)
}

// forgetScripts forgets what SCRIPT FLUSH drops. One that is queued drops nothing
// yet, and may never: the names that it leaves are those of scripts that miniredis
// does not have.
func (s *served) forgetScripts(command []string) {
	if is(command[1], "FLUSH") && !queues(s.peer) {
		clear(s.shebangs)
	}
}

// withOwnNames is a reply in which scripts have the names that clients know.
func withOwnNames(reply []byte, renamed []shebangScript) []byte {
	for _, script := range renamed {
		reply = bytes.ReplaceAll(reply, []byte(script.runSHA), []byte(script.sha))
	}
	return reply
}
