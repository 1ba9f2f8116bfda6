package upstash

import (
	"bytes"

	"tollgate/fakes/upstash/commands"
	"tollgate/fakes/upstash/ledger"
)

// group is the hash tag of those of the command's keys that have one, as ledger.Command has it.
func (a *accounts) group(cmd commands.Command, args [][]byte) (group string) {
	if !a.hashTags {
		return ""
	}
	for key := range cmd.Keys(args) {
		tag := hashTag(key)
		switch {
		case len(tag) == 0:
		case group == "":
			group = string(tag)
		case group != string(tag):
			return ledger.Several
		}
	}
	return group
}

// groupInner is group of a command that a script called.
func (a *accounts) groupInner(name string, args []string) string {
	if !a.hashTags {
		return ""
	}
	words := words(name, args)
	cmd, _ := commands.Lookup(words)
	return a.group(cmd, words)
}

// hashTag is what decides on a key's place in a cluster: what stands between the first brace that opens and the next
// one that closes; nothing where there is nothing between them. See https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/.
func hashTag(key []byte) []byte {
	_, rest, opened := bytes.Cut(key, []byte("{"))
	tag, _, closed := bytes.Cut(rest, []byte("}"))
	if !opened || !closed {
		return nil
	}
	return tag
}

// words is a command that a script called, as a client sends it.
func words(name string, args []string) [][]byte {
	words := make([][]byte, 1, 1+len(args))
	words[0] = []byte(name)
	for _, arg := range args {
		words = append(words, []byte(arg))
	}
	return words
}
