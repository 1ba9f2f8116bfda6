package engine

import (
	"github.com/alicebob/miniredis/v2/server"

	"tollgate/fakes/upstash/commands"
)

// What a script with a shebang line calls before anything else, to tell the
// observer. miniredis knows no such commands.
const (
	beginsName = "TOLLGATE.BEGINS" // its SHA-1, and, if it has Upstash's flag, that
	locksName  = "TOLLGATE.LOCKS"  // one of KEYS
)

// begun is the script with a shebang line that began last.
type begun struct {
	runSHA string
	sha    string              // what clients know it by
	keys   map[string]struct{} // those that it may use; nil means all
}

// told takes in what a script calls to say that it begins; it is false for all
// else that it calls.
func (b *begun) told(runSHA, name string, args []string) bool {
	switch {
	case name == beginsName && len(args) > 0:
		*b = begun{runSHA: runSHA, sha: args[0]}
		if len(args) > 1 {
			b.keys = map[string]struct{}{}
		}
	case name == locksName && len(args) == 1 && b.runSHA == runSHA && b.keys != nil:
		b.keys[args[0]] = struct{}{}
	default:
		return false
	}
	return true
}

// nameOf is the SHA-1 that clients know the running script by.
func (b *begun) nameOf(runSHA string) string {
	if runSHA == b.runSHA {
		return b.sha
	}
	return runSHA
}

// refuse answers a command of a script that uses keys it has not locked.
func (b *begun) refuse(peer *server.Peer, runSHA, name string, args []string) bool {
	if runSHA != b.runSHA || b.keys == nil {
		return false
	}
	words := make([][]byte, 0, len(args)+1)
	words = append(words, []byte(name))
	for _, arg := range args {
		words = append(words, []byte(arg))
	}
	command, ok := commands.Lookup(words)
	if !ok {
		return false
	}
	for key := range command.Keys(words) {
		if _, locked := b.keys[string(key)]; !locked {
			peer.WriteError(textDynamicKey + string(key))
			return true
		}
	}
	return false
}

const textDynamicKey = "ERR Dynamic keys are not allowed in Lua scripts when 'allow-key-locking' flag is set. Key was: "
