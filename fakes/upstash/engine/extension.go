package engine

import (
	"fmt"
	"strings"

	"github.com/alicebob/miniredis/v2/server"

	"tollgate/fakes/upstash/resp"
)

// extension is a command that miniredis lacks, or that it answers differently.
type extension struct {
	// arity is Redis's: the number of words, the name's own included; negative means
	// "at least".
	arity int
	// readOnly is set where the command changes nothing.
	readOnly bool
	// only, if any, says whether it is for the extension to answer these words, which
	// follow the command's name, or for miniredis.
	only func(in *inside, args []string) bool
	// waits is set on BLMPOP.
	waits bool
	// run answers the command, whose words follow its name, while miniredis is
	// locked: it calls miniredis's own commands, and nobody else's come between.
	run func(in *inside, args []string) resp.Value
}

// extend registers the extensions that miniredis has no command for, so that it
// knows whether a read-only script may call them. They are run by others.
func extend(srv *server.Server) error {
	for name, ext := range extensions {
		if srv.IsRegisteredCommand(name) {
			continue
		}
		var options []server.CmdOption
		if ext.readOnly {
			options = append(options, server.ReadOnlyOption())
		}
		never := func(peer *server.Peer, name string, _ []string) {
			peer.WriteError("ERR internal error of the embedded engine: " + name + " within an extension")
		}
		if err := srv.Register(name, never, options...); err != nil {
			return fmt.Errorf("engine: register %s: %w", name, err)
		}
	}
	return nil
}

// call is a call of an extension.
type call struct {
	extension
	name string
	args []string
}

// callOf is false where the words do not call an extension.
func callOf(in *inside, name string, args []string) (call, bool) {
	ext, ok := extensions[name]
	if !ok || (ext.only != nil && !ext.only(in, args)) {
		return call{}, false
	}
	return call{extension: ext, name: name, args: args}, true
}

// refusal is the error for a wrong number of words, or nil.
func (c call) refusal() *resp.Value {
	words := len(c.args) + 1
	if words == c.arity || (c.arity < 0 && words >= -c.arity) {
		return nil
	}
	v := resp.Errorf("ERR wrong number of arguments for '%s' command", strings.ToLower(c.name))
	return &v
}

// answer runs the call in the database that is selected inside, for a script.
func (c call) answer(in *inside) resp.Value { return c.answerTo(in, databaseOf(in.peer), false) }

// answerTo runs the call in a database, for who speaks RESP3 or does not.
func (c call) answerTo(in *inside, database int, resp3 bool) resp.Value {
	if refusal := c.refusal(); refusal != nil {
		return *refusal
	}
	return in.as(database, resp3, func() resp.Value { return c.run(in, c.args) })
}

// write writes a reply in the protocol that the peer speaks.
func write(peer *server.Peer, v resp.Value) {
	version := 2
	if peer.Resp3 {
		version = 3
	}
	peer.WriteRaw(string(resp.AppendValue(nil, v, version)))
}
