package commands

import (
	"bytes"
	"unicode"
)

// Command is one row of the table.
type Command struct {
	// Name is upper-case; a sub-command follows after a space, as in "CLIENT SETNAME".
	Name string
	// Arity is the number of words, the name's own included; negative means "at least".
	Arity int
	// Write is set where the command may change data. Scripts count as writes, except their _RO forms.
	Write bool
	// Unbilled is set where Upstash does not charge.
	Unbilled bool
	// NoREST is set where the REST API refuses the command. See also Blocks.
	NoREST bool
	// NoReadOnly is set where a read-only caller may not use the command; it is set for every write.
	NoReadOnly bool
}

// maxName bounds a name that a client made up, in bytes.
const maxName = 64

var (
	byName     = make(map[string]Command, len(table))
	containers = map[string]bool{} // first words that need a second one
	unbilled   = map[string]bool{} // first words, as Upstash's list has them
)

func init() {
	for _, r := range table {
		c := Command{
			Name: r.name, Arity: r.arity,
			Write: r.marks&w != 0, Unbilled: r.marks&u != 0,
			NoREST: r.marks&nr != 0, NoReadOnly: r.marks&(np|w) != 0,
		}
		byName[c.Name] = c
		first, _, isSub := bytes.Cut([]byte(c.Name), []byte(" "))
		if isSub {
			containers[string(first)] = true
		}
		if c.Unbilled {
			unbilled[string(first)] = true
		}
	}
}

// Lookup finds the command that args call, whatever their case. It is false where Upstash has no such
// command, which includes an unknown sub-command and a missing one.
func Lookup(args [][]byte) (Command, bool) {
	var buf [maxName]byte
	c, ok := byName[string(appendName(buf[:0], args))]
	return c, ok
}

// Name is how the command that args call is booked and shown: upper-case, with the sub-command where the
// first word takes one, known or not, fit to print and cut to a sane length. It is "" without arguments.
func Name(args [][]byte) string {
	var buf [maxName]byte
	name := appendName(buf[:0], args)
	if c, ok := byName[string(name)]; ok {
		return c.Name
	}
	printable := func(r rune) rune {
		if r == unicode.ReplacementChar || unicode.IsControl(r) {
			return -1
		}
		return r
	}
	return string(bytes.Map(printable, name))
}

// Billed says whether Upstash charges for the command of that upper-case name. Whatever is not in its short
// list of free commands is charged.
func Billed(name string) bool {
	if c, ok := byName[name]; ok {
		return !c.Unbilled
	}
	return !unbilled[name]
}

// All returns the table, in order of name.
func All() []Command {
	all := make([]Command, len(table))
	for i, r := range table {
		all[i] = byName[r.name]
	}
	return all
}

// Accepts says whether the command may have that many words, its own name included.
func (c Command) Accepts(words int) bool {
	if c.Arity < 0 {
		return words >= -c.Arity
	}
	return words == c.Arity
}

// Blocks says whether args are a call of XREAD or XREADGROUP that may wait, which is a matter of their
// options: BLOCK somewhere before STREAMS.
func Blocks(args [][]byte) bool {
	switch Name(args) {
	case "XREAD":
		args = args[1:]
	case "XREADGROUP":
		args = args[min(4, len(args)):] // the command, GROUP, group, consumer
	default:
		return false
	}
	for _, arg := range args {
		switch {
		case bytes.EqualFold(arg, []byte("BLOCK")):
			return true
		case bytes.EqualFold(arg, []byte("STREAMS")):
			return false
		}
	}
	return false
}

func appendName(dst []byte, args [][]byte) []byte {
	if len(args) == 0 {
		return dst
	}
	dst = appendUpper(dst, args[0])
	if len(args) > 1 && containers[string(dst)] {
		dst = append(dst, ' ')
		dst = appendUpper(dst, args[1])
	}
	return dst
}

func appendUpper(dst, word []byte) []byte {
	for _, c := range word[:min(len(word), maxName-len(dst))] {
		if 'a' <= c && c <= 'z' {
			c -= 'a' - 'A'
		}
		dst = append(dst, c)
	}
	return dst
}
