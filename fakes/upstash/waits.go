package upstash

import (
	"slices"
	"strconv"

	"tollgate/fakes/upstash/commands"
)

// maxWait is how long the commands WAIT and WAITAOF of a REST request wait at most,
// all together, in milliseconds: they hold a connection to the engine that others
// need.
const maxWait = 1000

// waits keeps to maxWait.
type waits struct{ given int64 }

// bound is a command that, if it is to wait, does so only for what is left: a
// millisecond at least, for 0 would mean without end.
func (w *waits) bound(cmd commands.Command, args [][]byte) [][]byte {
	if cmd.Name != "WAIT" && cmd.Name != "WAITAOF" || !cmd.Accepts(len(args)) {
		return args
	}
	last := len(args) - 1
	asked, err := strconv.ParseInt(string(args[last]), 10, 64)
	if err != nil || asked < 0 {
		return args // which the engine refuses
	}
	given := max(1, maxWait-w.given)
	if asked > 0 {
		given = min(given, asked)
	}
	w.given += given
	return append(slices.Clone(args[:last]), strconv.AppendInt(nil, given, 10))
}
