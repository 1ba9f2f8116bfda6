package conformance

import (
	"crypto/rand"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/fakes/upstash/resp"
)

const (
	// patience is how long an "eventually" may take.
	patience = 5 * time.Second
	// askAgain is the pause between two tries.
	askAgain = 10 * time.Millisecond
)

// Exercise runs all cases against a target, each as a subtest
// door/family/name, and then the forms of REST requests. A target that is missing
// is skipped, and so is, by name, each case that cannot run on it.
func Exercise(t *testing.T, target Target) {
	t.Helper()
	if target.Missing != "" {
		t.Skipf("%s: %s", target.Name, target.Missing)
	}
	prefix := newPrefix()
	cases, err := loadTranscripts(prefix)
	require.NoError(t, err)
	for _, door := range allDoors {
		t.Run(door, func(t *testing.T) {
			for _, c := range cases {
				if c.fits(door) {
					t.Run(c.family+"/"+c.name, func(t *testing.T) { exercise(t, target, door, prefix, c) })
				}
			}
		})
	}
	t.Run("requests", func(t *testing.T) { exerciseRequests(t, target, prefix) })
	t.Run("events", func(t *testing.T) { exerciseEvents(t, target, prefix) })
}

func newPrefix() string { return "conformance-" + rand.Text()[:12] + "-" }

func exercise(t *testing.T, target Target, door, prefix string, c transcript) {
	if why := target.reasonToSkip(c, door); why != "" {
		t.Skip(why)
	}
	target.within(t, func(t *testing.T) {
		talk := converse(t, target.Open(t), door)
		if talk == nil {
			t.Skipf("%s has no door for %s", target.Name, door)
		}
		defer sweep(talk, c.keys(prefix))
		play(t, c, talk, append([]string{door}, target.Traits...))
	})
}

// conversation sends commands through a door and gives their replies, in order.
type conversation interface {
	send(client string, command [][]byte)
	receive(client string) (raw []byte, v resp.Value)
}

// converse opens a conversation; nil if the target has no such door.
func converse(t testing.TB, doors Doors, door string) conversation {
	switch {
	case isREST(door) && doors.REST.URL != "":
		return &restTalk{t: t, rest: doors.REST, whole: door == doorPipeline}
	case !isREST(door) && doors.RESP != nil:
		return &wireTalk{t: t, doors: doors, door: door, wires: map[string]*wire{}}
	}
	return nil
}

// exchange is a reply that came, and what was wanted.
type exchange struct {
	step step
	want variant
	raw  []byte
}

// play sends a case's commands and checks the replies.
func play(t testing.TB, c transcript, talk conversation, labels []string) (seen []exchange) {
	t.Helper()
	last := map[string]step{}
	for i, s := range c.steps {
		if s.command != nil {
			last[s.client] = s
			talk.send(s.client, s.command)
			continue
		}
		want := s.under(labels)
		raw, v := talk.receive(s.client)
		for end := time.Now().Add(patience); s.eventually && !want.matches(v, viewOf(labels[0])) && time.Now().Before(end); {
			time.Sleep(askAgain)
			talk.send(s.client, last[s.client].command)
			raw, v = talk.receive(s.client)
		}
		if !want.matches(v, viewOf(labels[0])) {
			t.Errorf("%s.txt:%d: after %q:\n want %v\n got  %s%s", c.family, s.line, asked(c.steps[:i], s.client), want, show(v), gone(s, v, labels))
		}
		seen = append(seen, exchange{s, want, raw})
	}
	return seen
}

// gone says that a known difference is none any more.
func gone(s step, v resp.Value, labels []string) string {
	if s.want[0].matches(v, viewOf(labels[0])) {
		return "\n the known difference is gone: delete its lines below that reply"
	}
	return ""
}

// asked is the last command of a client, as the transcript has it.
func asked(steps []step, client string) (text string) {
	for _, s := range steps {
		if s.command != nil && s.client == client {
			text = s.text
		}
	}
	return text
}

// sweep deletes the keys that a case may have left.
func sweep(talk conversation, keys []string) {
	if len(keys) == 0 {
		return
	}
	command := [][]byte{[]byte("DEL")}
	for _, key := range keys {
		command = append(command, []byte(key))
	}
	talk.send("sweep", command)
	talk.receive("sweep")
}

// wireTalk is a conversation over RESP, of any number of clients.
type wireTalk struct {
	t     testing.TB
	doors Doors
	door  string
	wires map[string]*wire
}

func (w *wireTalk) of(client string) *wire {
	if w.wires[client] == nil {
		w.wires[client] = dial(w.t, w.doors, w.door)
	}
	return w.wires[client]
}

func (w *wireTalk) send(client string, command [][]byte) { w.of(client).send(command) }

func (w *wireTalk) receive(client string) ([]byte, resp.Value) { return w.of(client).receive() }
