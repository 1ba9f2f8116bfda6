package engine

import (
	"crypto/sha1" //nolint:gosec // what Redis names scripts by
	"encoding/hex"
	"fmt"
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

const textWriteFlag = "ERR Can not execute a script with write flag using *_ro command."

// hasShebang says whether a script begins with a line that miniredis cannot compile.
func hasShebang(text string) bool { return strings.HasPrefix(text, "#!") }

// parseShebang reads the flags in the first line of a script, and returns what
// follows the line. refusal is the error of Redis for a line that it does not take,
// "" if it does.
func parseShebang(text string) (flags []string, body, refusal string) {
	line, body, ok := strings.Cut(text, "\n")
	if !ok {
		return nil, "", "ERR Invalid script shebang"
	}
	command, err := resp.NewCommandReader(strings.NewReader(line+"\n"), resp.Limits{}).Next()
	if err != nil {
		return nil, "", "ERR Invalid engine in script shebang"
	}
	words := texts(command.Words)
	if words[0] != shebangEngine {
		return nil, "", "ERR Unexpected engine in script shebang: " + words[0]
	}
	for _, word := range words[1:] {
		list, ok := strings.CutPrefix(word, "flags=")
		switch {
		case !ok:
			return nil, "", "ERR Unknown lua shebang option: " + word
		case list != "":
			flags = append(flags, strings.Split(list, ",")...)
		}
	}
	for _, flag := range flags {
		if !slices.Contains(shebangFlags, flag) {
			return nil, "", "ERR Unexpected flag in script shebang: " + flag
		}
	}
	return flags, body, ""
}

// shebangScript is a script that begins with a shebang line, and the one that
// miniredis runs for it.
type shebangScript struct {
	sha       string // what clients know it by
	run       string // its text for miniredis
	runSHA    string
	readOnly  bool // it must not write
	roRefused bool // EVAL_RO and EVALSHA_RO do not run it
}

// newShebangScript makes a script of the text of one. In place of the shebang line,
// so that the lines keep their numbers, it tells the engine that it begins.
func newShebangScript(text string) (s shebangScript, refusal string) {
	flags, body, refusal := parseShebang(text)
	if refusal != "" {
		return shebangScript{}, refusal
	}
	locks := slices.Contains(flags, keyLocking)
	s.sha = hexSHA(text)
	s.readOnly = slices.Contains(flags, noWrites)
	s.roRefused = !s.readOnly && !locks // Upstash's EVAL_RO takes scripts with its own flag
	first := fmt.Sprintf(`redis.call("%s", "%s");`, beginsName, s.sha)
	if locks {
		first = fmt.Sprintf(`redis.call("%s", "%s", "%s"); for _, key in ipairs(KEYS) do redis.call("%s", key) end;`,
			beginsName, s.sha, keyLocking, locksName)
	}
	s.run = first + "\n" + body
	s.runSHA = hexSHA(s.run)
	return s, ""
}

// failing is the text of a script that answers an error.
func failing(text string) string {
	var script strings.Builder
	script.WriteString(`return redis.error_reply("`)
	for _, b := range []byte(text) {
		fmt.Fprintf(&script, `\%03d`, b)
	}
	script.WriteString(`")`)
	return script.String()
}

func hexSHA(text string) string {
	sum := sha1.Sum([]byte(text)) //nolint:gosec // what Redis names scripts by
	return hex.EncodeToString(sum[:])
}
