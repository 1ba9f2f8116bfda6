package upstash

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// identity is what a session says of itself. Its own goroutine changes it, by
// change; CLIENT LIST reads it from others.
type identity struct {
	user     *User     // nil before AUTH
	name     string    // CLIENT SETNAME's
	lib      [2]string // CLIENT SETINFO's LIB-NAME and LIB-VER
	protocol int

	channels, patterns int // subscribed to
	monitoring         bool
	last               string // command
}

func (s *session) change(f func(*identity)) {
	s.identityMu.Lock()
	defer s.identityMu.Unlock()
	f(&s.identity)
}

// ran takes note of a command; of one that is unknown it keeps no name.
func (s *session) ran(name string) {
	s.commands.Add(1)
	if name != s.last {
		s.change(func(i *identity) { i.last = name })
	}
}

// noteTopics takes over how much the session is subscribed to.
func (s *session) noteTopics() {
	s.change(func(i *identity) { i.channels, i.patterns = len(s.topics.channels), len(s.topics.patterns) })
}

// describe is the session's line in CLIENT LIST.
func (s *session) describe() string {
	s.identityMu.Lock()
	who := s.identity
	s.identityMu.Unlock()
	user := ""
	if who.user != nil {
		user = who.user.Name
	}
	return fmt.Sprintf("id=%d addr=%v laddr=%v name=%s age=%d idle=%d flags=%s db=0 sub=%d psub=%d cmd=%s user=%s resp=%d "+
		"lib-name=%s lib-ver=%s tot-cmds=%d\n",
		s.id, s.conn.RemoteAddr(), s.conn.LocalAddr(), who.name, int(time.Since(s.opened).Seconds()), int(s.active.idle().Seconds()),
		who.flags(), who.channels, who.patterns, cmp.Or(strings.ReplaceAll(strings.ToLower(who.last), " ", "|"), "NULL"), user, who.protocol,
		who.lib[0], who.lib[1], s.commands.Load())
}

// flags are Redis's letters for a kind of client.
func (i identity) flags() string {
	switch {
	case i.monitoring:
		return "O"
	case i.channels+i.patterns > 0:
		return "P"
	}
	return "N"
}

// listSessions is CLIENT LIST.
func (s *Server) listSessions() string {
	sessions := s.openSessions()
	slices.SortFunc(sessions, func(a, b *session) int { return cmp.Compare(a.id, b.id) })
	var list strings.Builder
	for _, session := range sessions {
		list.WriteString(session.describe())
	}
	return list.String()
}
