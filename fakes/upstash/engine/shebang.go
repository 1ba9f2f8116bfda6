package engine

import (
	"crypto/sha1" //nolint:gosec // what Redis names scripts by
	"encoding/hex"
	"slices"
	"strings"

	"tollgate/fakes/upstash/resp"
)

// What a script says of itself in a first line such as "#!lua flags=no-writes".
const (
	shebangEngine = "#!lua"
	noWrites      = "no-writes"
	keyLocking    = "allow-key-locking" // Upstash's own
)

// shebangFlags are all that Redis and Upstash know.
var shebangFlags = []string{noWrites, "allow-oom", "allow-stale", "no-cluster", "allow-cross-slot-keys", keyLocking}

// shebang is what the flags of a shebang line, or that there is none, mean for a script.
type shebang struct {
	there    bool
	noWrites bool // it must not write
	locks    bool // it must not use keys but KEYS
}

// roRefused says whether EVAL_RO and EVALSHA_RO do not run the script. Upstash's EVAL_RO takes those with its own flag.
func (s shebang) roRefused() bool { return s.there && !s.noWrites && !s.locks }

// parseShebang reads the flags in the first line of a script, if that is a shebang line. The body is what to compile: its lines
// have the numbers of the script's. refused is the error of Redis for a line that it does not take, "" if it does.
func parseShebang(text string) (s shebang, body, refused string) {
	if !strings.HasPrefix(text, "#!") {
		return shebang{}, text, ""
	}
	line, body, ok := strings.Cut(text, "\n")
	if !ok {
		return shebang{}, "", "ERR Invalid script shebang"
	}
	command, err := resp.NewCommandReader(strings.NewReader(line+"\n"), resp.Limits{}).Next()
	if err != nil {
		return shebang{}, "", "ERR Invalid engine in script shebang"
	}
	words := texts(command.Words)
	if words[0] != shebangEngine {
		return shebang{}, "", "ERR Unexpected engine in script shebang: " + words[0]
	}
	var flags []string
	for _, word := range words[1:] {
		list, ok := strings.CutPrefix(word, "flags=")
		switch {
		case !ok:
			return shebang{}, "", "ERR Unknown lua shebang option: " + word
		case list != "":
			flags = append(flags, strings.Split(list, ",")...)
		}
	}
	for _, flag := range flags {
		if !slices.Contains(shebangFlags, flag) {
			return shebang{}, "", "ERR Unexpected flag in script shebang: " + flag
		}
	}
	s = shebang{there: true, noWrites: slices.Contains(flags, noWrites), locks: slices.Contains(flags, keyLocking)}
	return s, "\n" + body, ""
}

func hexSHA(text string) string {
	sum := sha1.Sum([]byte(text)) //nolint:gosec // what Redis names scripts by
	return hex.EncodeToString(sum[:])
}
