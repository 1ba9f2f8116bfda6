package conformance

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"tollgate/fakes/upstash/commands"
)

// The doors that a transcript goes through.
const (
	doorRESP2    = "resp2"
	doorRESP3    = "resp3"
	doorREST     = "rest"     // a request per command
	doorPipeline = "pipeline" // one request for all commands
)

var allDoors = []string{doorRESP2, doorRESP3, doorREST, doorPipeline}

func isDoor(label string) bool { return slices.Contains(allDoors, label) }
func isREST(door string) bool  { return door == doorREST || door == doorPipeline }

func viewOf(door string) view {
	switch door {
	case doorRESP2:
		return viewRESP2
	case doorRESP3:
		return viewRESP3
	default:
		return viewREST
	}
}

// fits says whether a transcript can go through a door at all: REST takes one
// reply per command, in order, of one client, and no words that JSON cannot hold.
func (c transcript) fits(door string) bool {
	if !isREST(door) {
		return true
	}
	due := 0
	for _, s := range c.steps {
		if s.command == nil {
			due--
		} else {
			due++
		}
		switch {
		case s.client != "" || due < 0:
			return false
		case s.eventually && door == doorPipeline:
			return false
		case s.command == nil:
			continue
		}
		cmd, known := commands.Lookup(s.command)
		if (known && cmd.NoREST) || commands.Blocks(s.command) {
			return false
		}
		for _, w := range s.command {
			if !utf8.Valid(w) {
				return false
			}
		}
	}
	return due == 0
}

// commands are the names of what the case sends, each once.
func (c transcript) commands() []string {
	var names []string
	for _, s := range c.steps {
		if s.command != nil {
			names = append(names, commands.Name(s.command))
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// keys are the keys of the case's own, each once.
func (c transcript) keys(prefix string) []string {
	var keys []string
	for _, s := range c.steps {
		for _, w := range s.command {
			if name, ok := strings.CutPrefix(string(w), prefix); ok && name != "" {
				keys = append(keys, string(w))
			}
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// compareVersions orders "7.0.15" before "8.2.0".
func compareVersions(a, b string) int {
	as, bs := strings.Split(a, "."), strings.Split(b, ".")
	for i := range min(len(as), len(bs)) {
		x, _ := strconv.Atoi(as[i]) // what is no number counts as 0
		y, _ := strconv.Atoi(bs[i])
		if x != y {
			return cmp.Compare(x, y)
		}
	}
	return cmp.Compare(len(as), len(bs))
}
