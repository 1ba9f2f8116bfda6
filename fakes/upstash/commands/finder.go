package commands

import "bytes"

// Finder is Lookup for who often asks for the command of before, as a client's pipeline does: that takes no more than
// a comparison. The zero Finder is ready to use. It is for one goroutine.
type Finder struct {
	word []byte // as it was written; empty before the first
	last Command
}

// Lookup finds the command that args call, as the function does.
func (f *Finder) Lookup(args [][]byte) (Command, bool) {
	if len(args) > 0 && len(args[0]) > 0 && bytes.Equal(args[0], f.word) {
		return f.last, true
	}
	cmd, ok := Lookup(args)
	if ok && len(cmd.Name) == len(args[0]) { // or it depends on the second word too
		f.word, f.last = append(f.word[:0], args[0]...), cmd
	}
	return cmd, ok
}
