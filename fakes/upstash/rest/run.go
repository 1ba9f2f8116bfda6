package rest

import (
	"fmt"
	"net/http"

	"tollgate/fakes/upstash/commands"
	"tollgate/fakes/upstash/resp"
)

// run runs commands in order, but for those that are refused, whose replies say why. It also returns how many
// of them may have changed data.
func (c call) run(cmds [][][]byte) (replies []resp.Value, writes int, err error) {
	replies = make([]resp.Value, len(cmds))
	admitted := make([][][]byte, 0, len(cmds))
	for i, args := range cmds {
		if refusal := c.refusal(args); refusal != "" {
			replies[i] = resp.Errorf("%s", refusal)
		} else {
			admitted = append(admitted, args)
		}
	}
	if len(admitted) == 0 {
		return replies, 0, nil
	}
	done, err := c.do(admitted, false)
	if err != nil {
		return nil, 0, err
	}
	next := 0
	for i := range replies {
		if replies[i].Kind == 0 { // admitted, so still without a reply
			replies[i] = done[next]
			next++
		}
	}
	return replies, countWrites(admitted, done), nil
}

// refusal says why a command may not run here, and books it; "" means that it may.
func (c call) refusal(args [][]byte) string {
	cmd, ok := commands.Lookup(args)
	switch {
	case !ok:
		name := commands.Name(args)
		c.h.backend.Refused(c.principal, name, true)
		return commands.Unavailable(name)
	case cmd.NoREST || commands.Blocks(args):
		c.h.backend.Refused(c.principal, cmd.Name, false)
		return commands.NotOverREST(cmd.Name)
	case cmd.NoReadOnly && c.principal.ReadOnly:
		c.h.backend.Refused(c.principal, cmd.Name, false)
		return commands.NoPermission(cmd.Name)
	default:
		return ""
	}
}

// do runs commands in the backend and makes sure that there is a reply to each.
func (c call) do(cmds [][][]byte, atomic bool) ([]resp.Value, error) {
	replies, err := c.h.backend.Do(c.ctx, c.principal, cmds, atomic)
	if err == nil && len(replies) != len(cmds) {
		err = fmt.Errorf("the backend gave %d replies to %d commands", len(replies), len(cmds))
	}
	return replies, err
}

func (c call) engineFailure(err error) answer {
	c.h.log.ErrorContext(c.ctx, "rest: the engine failed", "component", c.principal.Component, "error", err)
	return failure(http.StatusInternalServerError, "ERR the engine behind this server failed: "+err.Error())
}

func countWrites(cmds [][][]byte, replies []resp.Value) int {
	n := 0
	for i, args := range cmds {
		if cmd, ok := commands.Lookup(args); ok && cmd.Write && !replies[i].IsError() {
			n++
		}
	}
	return n
}
