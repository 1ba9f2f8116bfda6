package thrift

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
)

// wakeChannel carries wake-ups between governed processes. No channel of asynq has this name: its only one is
// asynq:cancel. No key of it clashes either: channels are no keys, and those of queues begin with asynq:{.
const wakeChannel = "asynq:tollgate:wake"

const (
	wakeVersion = 1
	// maxWakeBytes bounds one message. Eleven queues take about 500 bytes.
	maxWakeBytes = 16 << 10
)

// Why a message is not understood.
var (
	errWakeTooLarge = fmt.Errorf("thrift: a wake-up is larger than %d bytes", maxWakeBytes)
	errWakeVersion  = errors.New("thrift: a wake-up has an unknown version")
)

// wakeUp is what one process tells the others, by queue.
type wakeUp map[string]wakeQueue

// wakeQueue is what happened to one queue.
type wakeQueue struct {
	Jobs   bool        `json:"j,omitempty"` // new pending jobs
	Due    int64       `json:"d,omitempty"` // when the earliest new scheduled or retried job is due, in Unix seconds; 0: none
	Groups bool        `json:"g,omitempty"` // new jobs in groups
	Pause  pauseChange `json:"p,omitempty"`
}

// pauseChange says whether a queue was paused.
type pauseChange int

const (
	pauseUnchanged pauseChange = iota
	pausePaused
	pauseUnpaused
)

// wakeMessage is a wakeUp on the wire. What it gains later must mean nothing to those who do not know it, or have a
// version of its own.
type wakeMessage struct {
	Version int    `json:"v"`
	Sender  string `json:"s"`
	Queues  wakeUp `json:"q"`
}

// encodeWakeUp makes messages: one as a rule, more where one would be too large, none of nothing. A queue whose name alone
// is too large is left out. Names are taken to be UTF-8.
func encodeWakeUp(sender string, w wakeUp) []string {
	if len(w) == 0 {
		return nil
	}
	text, err := json.Marshal(wakeMessage{Version: wakeVersion, Sender: sender, Queues: w})
	if err != nil { // no such value can be built
		return nil
	}
	if len(text) <= maxWakeBytes {
		return []string{string(text)}
	}
	if len(w) == 1 {
		return nil
	}
	names := slices.Sorted(maps.Keys(w))
	first, second := wakeUp{}, wakeUp{}
	for i, name := range names {
		if i < len(names)/2 {
			first[name] = w[name]
		} else {
			second[name] = w[name]
		}
	}
	return append(encodeWakeUp(sender, first), encodeWakeUp(sender, second)...)
}

// decodeWakeUp reads a message. Values that it does not know become the zero value; queues of which nothing is left are
// dropped.
func decodeWakeUp(text string) (sender string, w wakeUp, err error) {
	if len(text) > maxWakeBytes {
		return "", nil, errWakeTooLarge
	}
	var header struct {
		Version int `json:"v"`
	}
	if err := json.Unmarshal([]byte(text), &header); err != nil {
		return "", nil, fmt.Errorf("thrift: read a wake-up: %w", err)
	}
	if header.Version != wakeVersion {
		return "", nil, fmt.Errorf("%w: %d", errWakeVersion, header.Version)
	}
	var m wakeMessage
	if err := json.Unmarshal([]byte(text), &m); err != nil {
		return "", nil, fmt.Errorf("thrift: read a wake-up: %w", err)
	}
	w = wakeUp{}
	for name, q := range m.Queues {
		q.Due = max(q.Due, 0)
		if q.Pause != pausePaused && q.Pause != pauseUnpaused {
			q.Pause = pauseUnchanged
		}
		if q != (wakeQueue{}) {
			w[name] = q
		}
	}
	return m.Sender, w, nil
}
