package upstash

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"tollgate/fakes/upstash/commands"
	"tollgate/fakes/upstash/engine"
	"tollgate/fakes/upstash/faults"
	"tollgate/fakes/upstash/resp"
	"tollgate/fakes/upstash/rest"
)

// textFault is the reply to commands of a request that a fault keeps from running;
// what the client gets is the fault's.
const textFault = "ERR a fault"

// clock tells the server's time, which a fault may move.
type clock struct{ offset atomic.Int64 }

func (c *clock) now() time.Time { return c.of(time.Now()) }

// of is the server's time at a moment of the process's.
func (c *clock) of(moment time.Time) time.Time { return moment.Add(time.Duration(c.offset.Load())) }

// openFaults sets up the server's faults, of which none is on.
func (s *Server) openFaults() {
	s.faults = faults.New(faults.Config{Seed: s.cfg.Seed, Target: faultTarget{s}})
	s.accounts.faults = s.faults.Hooks()
	s.accounts.quota.spent = s.faults.Hooks().QuotaSpent
	s.accounts.quota.clock = s.clock.now
}

// faultTarget is the server as faults act on it.
type faultTarget struct{ *Server }

var _ faults.Target = faultTarget{}

// DropConnections closes the connections of all clients, HTTP's too.
func (t faultTarget) DropConnections() {
	t.Server.DropConnections()
	t.dropWeb()
}

// FlushScripts has the engine forget all scripts; see faults.Target.
func (t faultTarget) FlushScripts(ctx context.Context) error {
	conn, _, err := t.dialEngine(ctx)
	if err != nil {
		return fmt.Errorf("no engine connection: %w", err)
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	if _, err := conn.Write(resp.AppendCommand(nil, []byte("SCRIPT"), []byte("FLUSH"))); err != nil {
		return fmt.Errorf("the engine does not listen: %w", err)
	}
	reply, err := resp.ReadValue(bufio.NewReader(conn), engineReply)
	switch {
	case err != nil && ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		return fmt.Errorf("the engine does not answer: %w", err)
	case reply.IsError():
		return fmt.Errorf("the engine refuses SCRIPT FLUSH: %s", reply.Text())
	}
	return nil
}

// JumpClock moves the time of the ledger, the quota and the TTLs; see faults.Target.
func (t faultTarget) JumpClock(d time.Duration) error {
	forwarder, ok := t.engine.(engine.Forwarder)
	if !ok {
		return fmt.Errorf("the clock of this engine cannot be moved, only that of the embedded one: %w", errors.ErrUnsupported)
	}
	if d != 0 {
		t.clock.offset.Add(int64(d))
		forwarder.FastForward(d)
	}
	return nil
}

// command is what the caller sent, as faults see it.
func (c *caller) command(cmd commands.Command) faults.Command {
	return faults.Command{
		Name: cmd.Name, Write: cmd.Write, Handshake: cmd.Unbilled || isClient(cmd.Name),
		Component: *c.component.Load(), Transport: c.transport, Conn: c.wire,
	}
}

// spared says whether faults let the calls of a request run. If not, it answers
// them.
func (b backend) spared(ctx context.Context, p rest.Principal, calls []rest.Call, replies *rest.Replies) bool {
	if !b.accounts.faults.Active() {
		return true
	}
	var cmds [][][]byte
	for _, call := range calls {
		if call.Refusal == "" {
			cmds = append(cmds, call.Args)
		}
	}
	if len(cmds) == 0 || b.accounts.faults.Admit(ctx, p.Component, cmds) {
		return true
	}
	for _, call := range calls {
		reply := call.Refusal
		if reply == "" {
			reply = b.refusedByFault(p, call.Args)
		}
		replies.Add(resp.Errorf("%s", reply))
	}
	return false
}

// refusedByFault books a command that a fault keeps from running.
func (b backend) refusedByFault(p rest.Principal, args [][]byte) (refusal string) {
	b.accounts.refused(b.callerOf(p), commands.Name(args), false)
	return textFault
}
