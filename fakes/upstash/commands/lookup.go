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
	// Deletes is set for a write that only takes data away, now or, as EXPIRE does, in
	// time: it may run when there is no room for data.
	Deletes bool
	// Unbilled is set where Upstash does not charge.
	Unbilled bool
	// NoREST is set where the REST API refuses the command. See also Blocks.
	NoREST bool
	// NoReadOnly is set where a read-only caller may not use the command; it is set for every write.
	NoReadOnly bool
	// Absent is set where Redis has the command and Upstash has not.
	Absent bool

	keys keyed // see Keys
}

// maxName bounds a name that a client made up, in bytes.
const maxName = 64

var (
	byName     = make(map[string]*Command, len(table)+len(absent))
	containers = map[string]bool{} // first words that need a second one
	unbilled   = map[string]bool{} // first words, as Upstash's list has them
)

func init() {
	for _, r := range absent {
		c := r.command()
		c.Absent = true
		byName[c.Name] = &c
	}
	for _, r := range table {
		c := r.command()
		byName[c.Name] = &c
		first, _, isSub := bytes.Cut([]byte(c.Name), []byte(" "))
		if isSub {
			containers[string(first)] = true
		}
		if c.Unbilled {
			unbilled[string(first)] = true
		}
	}
}

func (r row) command() Command {
	return Command{
		Name: r.name, Arity: r.arity, keys: keysOf(r.name),
		Write: r.marks&w != 0, Deletes: r.marks&d != 0, Unbilled: r.marks&u != 0,
		NoREST: r.marks&nr != 0, NoReadOnly: r.marks&(np|w) != 0,
	}
}

// Lookup finds the command that args call, whatever their case. It is false where Upstash has no such
// command: one that is Absent, one that nobody has, an unknown sub-command or a missing one.
func Lookup(args [][]byte) (Command, bool) {
	if len(args) == 0 {
		return Command{}, false
	}
	var buf [maxName]byte
	name := appendUpper(buf[:0], args[0])
	c, ok := byName[string(name)]
	if !ok && len(args) > 1 && containers[string(name)] { // no container is a row of its own
		c, ok = byName[string(appendName(buf[:0], args))]
	}
	if !ok {
		return Command{}, false
	}
	return *c, !c.Absent
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

// All returns the commands of Upstash's reference, in order of name.
func All() []Command { return rows(table[:]) }

// Absent returns the commands of Redis 8.2 that Upstash has not, in order of name: those with sub-commands, of
// which it has none, as one, such as CLUSTER.
func Absent() []Command { return rows(absent[:]) }

func rows(of []row) []Command {
	all := make([]Command, len(of))
	for i, r := range of {
		all[i] = *byName[r.name]
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
	switch {
	case len(args) == 0:
		return false
	case bytes.EqualFold(args[0], []byte("XREAD")):
		args = args[1:]
	case bytes.EqualFold(args[0], []byte("XREADGROUP")):
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
