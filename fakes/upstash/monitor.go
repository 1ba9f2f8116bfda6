package upstash

import (
	"bytes"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// maxBehind is how many bytes of lines may wait for one monitor: 8 MiB. One line
// may wait whatever its size.
const maxBehind = 8 << 20

// Where commands come from that have no address of their own.
const (
	fromREST   source = "0.0.0.0:0"
	fromScript source = "lua"
)

type source string

func (s source) String() string { return string(s) }

// monitors shows the commands that run to all who monitor. Nobody waits for a
// monitor: one that falls behind is dropped. The zero value is ready to use.
type monitors struct {
	count atomic.Int64 // of watchers, so that commands need no lock while there are none

	mu       sync.Mutex
	watchers map[*watcher]struct{}
}

// watcher is one who monitors.
type watcher struct {
	hub   *monitors
	drop  func()        // called when it fell behind; must not wait
	ready chan struct{} // has room for one: there are lines
	ended chan struct{} // closed with its removal

	lines [][]byte // with bytes, under the hub's mu
	bytes int
}

// add takes in a watcher, to be removed again. drop may be nil.
func (m *monitors) add(drop func()) *watcher {
	w := &watcher{hub: m, drop: drop, ready: make(chan struct{}, 1), ended: make(chan struct{})}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.watchers == nil {
		m.watchers = map[*watcher]struct{}{}
	}
	m.watchers[w] = struct{}{}
	m.count.Add(1)
	return w
}

// show shows a command that runs.
func (m *monitors) show(from fmt.Stringer, args ...[]byte) {
	if m.count.Load() > 0 {
		m.publish(monitorLine(time.Now(), from, args))
	}
}

// showInner shows a command that a script calls.
func (m *monitors) showInner(name string, rest []string) {
	if m.count.Load() == 0 {
		return
	}
	args := [][]byte{[]byte(name)}
	for _, arg := range rest {
		args = append(args, []byte(arg))
	}
	m.publish(monitorLine(time.Now(), fromScript, args))
}

func (m *monitors) publish(line []byte) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for w := range m.watchers {
		if len(w.lines) > 0 && w.bytes+len(line) > maxBehind {
			m.end(w)
			if w.drop != nil {
				w.drop()
			}
			continue
		}
		w.lines = append(w.lines, line)
		w.bytes += len(line)
		select {
		case w.ready <- struct{}{}:
		default:
		}
	}
}

// end removes a watcher and what waits for it; mu is held.
func (m *monitors) end(w *watcher) {
	if _, ok := m.watchers[w]; !ok {
		return
	}
	delete(m.watchers, w)
	m.count.Add(-1)
	w.lines, w.bytes = nil, 0
	close(w.ended)
}

// remove ends the watching, if it has not ended yet. From then on there are no
// more lines to take.
func (w *watcher) remove() {
	w.hub.mu.Lock()
	defer w.hub.mu.Unlock()
	w.hub.end(w)
}

// take gives the lines that wait, without line ends.
func (w *watcher) take() (lines [][]byte) {
	w.hub.mu.Lock()
	defer w.hub.mu.Unlock()
	lines, w.lines, w.bytes = w.lines, nil, 0
	return lines
}

// monitorLine is a command as MONITOR shows it: "<unix seconds> [0 <from>] "GET"
// "key"". What AUTH, HELLO and ACL's sub-commands are given is not shown.
func monitorLine(at time.Time, from fmt.Stringer, args [][]byte) []byte {
	line := fmt.Appendf(nil, "%d.%06d [0 %v]", at.Unix(), at.Nanosecond()/1000, from)
	switch {
	case bytes.EqualFold(args[0], []byte("AUTH")), bytes.EqualFold(args[0], []byte("HELLO")):
		args = args[:1]
	case bytes.EqualFold(args[0], []byte("ACL")):
		args = args[:min(2, len(args))]
	}
	for _, arg := range args {
		line = appendQuoted(append(line, ' '), arg)
	}
	return line
}

// appendQuoted quotes as Redis does.
func appendQuoted(line, word []byte) []byte {
	const hex = "0123456789abcdef"
	line = append(line, '"')
	for _, c := range word {
		switch {
		case c == '\\' || c == '"':
			line = append(line, '\\', c)
		case c >= ' ' && c <= '~':
			line = append(line, c)
		default:
			if i := bytes.IndexByte([]byte("\n\r\t\a\b"), c); i >= 0 {
				line = append(line, '\\', "nrtab"[i])
			} else {
				line = append(line, '\\', 'x', hex[c>>4], hex[c&15])
			}
		}
	}
	return append(line, '"')
}
