package upstash

import (
	"slices"

	"tollgate/fakes/upstash/commands"
	"tollgate/fakes/upstash/engine"
)

// watchScripts is called before a command is sent. If it may run scripts, and the
// engine has to be told, it returns what waits until all that they called is
// booked; otherwise nil.
func (s *session) watchScripts(name string) (told func()) {
	if s.watcher == nil {
		return nil
	}
	runs := engine.RunsScript(name)
	switch {
	case name == "MULTI" && !s.inMulti:
		s.scripts = false
	case name == "EXEC":
		runs = s.inMulti && s.scripts && !s.spoiled
	case runs && s.inMulti:
		s.scripts, runs = true, false // it will run at EXEC
	}
	if !runs {
		return nil
	}
	return s.watcher.WatchScript(s.ctx, s.engineID)
}

// watchScripts does the same for commands that are sent together; it never
// returns nil.
func (b backend) watchScripts(conn uint64, cmds [][][]byte) (told func()) {
	runs := func(args [][]byte) bool { return engine.RunsScript(commands.Name(args)) }
	if b.watcher == nil || !slices.ContainsFunc(cmds, runs) {
		return func() {}
	}
	return b.watcher.WatchScript(b.ctx, conn)
}

// awaitScripts waits until what the scripts of a reply called is booked. What the
// client was sent before does not wait.
func (l *link) awaitScripts(head debt) {
	if head.told != nil {
		l.flushOut()
		head.told()
	}
}

// gap books that commands inside scripts may be missing. It says so the first
// time, and again each time that there are twice as many.
func (s *Server) gap(err error) {
	if n := s.ledger.Gap(); n&(n-1) == 0 {
		s.log.Error("upstash: commands inside scripts may be missing from the account", "times", n, "error", err)
	}
}
