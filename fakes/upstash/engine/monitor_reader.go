package engine

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
)

const (
	// maxMonitorLine is how much of a line of MONITOR is read: 64 MiB. What a
	// request of 10 MiB may call fits in, even if each byte is shown as four.
	maxMonitorLine = 64 << 20
	// keepMonitorLine is how much memory is kept for the next long line.
	keepMonitorLine = 1 << 20
	// monitorBuffer is the size of the reader's buffer.
	monitorBuffer = 64 << 10
)

// monitorReader follows MONITOR: it remembers who called which script, and tells
// of what is called inside.
type monitorReader struct {
	tap  *tap
	r    *bufio.Reader
	long []byte // a line that is longer than r's buffer
	word []byte // reused

	caller uint64 // of the script that ran last; 0 if it is not the engine's
	script string
}

func newMonitorReader(t *tap) *monitorReader {
	return &monitorReader{tap: t, r: bufio.NewReaderSize(t.monitor.r, monitorBuffer)}
}

// next reads one line and does what there is to do about it.
func (m *monitorReader) next() error {
	line, cut, err := m.readLine()
	if err != nil {
		return err
	}
	line = bytes.TrimSuffix(line, []byte("\r\n"))
	from, words, ok := parseMonitorLine(line)
	if !ok || line[0] != '+' {
		return fmt.Errorf("MONITOR showed %.100q", line)
	}
	if string(from) == fromScript {
		if m.caller != 0 {
			m.tell(words) // if its end is missing, that is only missing where it is shown
		}
		return nil
	}
	if !bytes.ContainsRune([]byte("eEfFpP"), rune(words[1])) {
		return nil // most are no script's and no marker
	}
	var rest []byte
	m.word, rest, _ = nextWord(m.word[:0], words)
	switch name := string(bytes.ToUpper(m.word)); {
	case RunsScript(name):
		m.begin(from, name, rest, cut)
	case name == "PING":
		m.word, _, _ = nextWord(m.word[:0], rest)
		return m.tap.sawMarker(from, m.word)
	}
	return nil
}

// readLine reads a line; cut says that its end is missing, for its length.
func (m *monitorReader) readLine() (line []byte, cut bool, err error) {
	line, err = m.r.ReadSlice('\n')
	if !errors.Is(err, bufio.ErrBufferFull) {
		return line, false, err
	}
	m.long = append(m.long[:0], line...)
	for errors.Is(err, bufio.ErrBufferFull) {
		line, err = m.r.ReadSlice('\n')
		if len(m.long)+len(line) > maxMonitorLine {
			cut = true
			continue
		}
		m.long = append(m.long, line...)
	}
	line = m.long
	if cap(m.long) > keepMonitorLine {
		m.long = nil
	}
	return line, cut, err
}

// begin remembers whose script runs from here on.
func (m *monitorReader) begin(from []byte, name string, words []byte, cut bool) {
	m.caller, m.script = m.tap.caller(from), ""
	if m.caller == 0 {
		return
	}
	var whole bool
	m.word, _, whole = nextWord(m.word[:0], words)
	m.script = ScriptOf(name, [][]byte{nil, m.word})
	if cut && !whole {
		m.tap.remote.gap(fmt.Errorf("a script of more than %d bytes cannot be told apart", maxMonitorLine/4))
	}
}

// tell tells of a command that the script called.
func (m *monitorReader) tell(words []byte) {
	tell := m.tap.remote.onInner.Load()
	if tell == nil {
		return
	}
	name, rest, _ := nextWord(nil, words)
	var args []string
	for {
		var ok bool
		m.word, rest, ok = nextWord(m.word[:0], rest)
		if !ok {
			break
		}
		args = append(args, string(m.word))
	}
	if cap(m.word) > keepMonitorLine {
		m.word = nil
	}
	(*tell)(m.caller, m.script, string(bytes.ToUpper(name)), args)
}
