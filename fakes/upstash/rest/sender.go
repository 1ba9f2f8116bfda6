package rest

import (
	"net/http"
	"strconv"
)

// sendBytes is how much of an answer is gathered before it is sent, in bytes. An answer that is no larger has a
// Content-Length; others are sent in chunks.
const sendBytes = 32 << 10

// sender sends an answer.
type sender struct {
	w        http.ResponseWriter
	bodiless bool // it answers a HEAD
	status   int
	kind     string        // Content-Type
	token    func() string // Upstash-Sync-Token, asked for once all that it counts is known
	buf      []byte
	started  bool
	lost     error // why the client does not get what is sent
}

// room sends what is gathered, if that is much.
func (s *sender) room() error {
	if len(s.buf) < sendBytes {
		return nil
	}
	if !s.started {
		s.start("")
	}
	return s.send()
}

// finish sends the rest.
func (s *sender) finish() error {
	if !s.started {
		s.start(strconv.Itoa(len(s.buf)))
	}
	return s.send()
}

func (s *sender) send() error {
	gathered := s.buf
	s.buf = s.buf[:0]
	if s.bodiless || len(gathered) == 0 {
		return nil
	}
	_, s.lost = s.w.Write(gathered)
	return s.lost
}

func (s *sender) start(length string) {
	s.started = true
	values := [3]string{s.token(), s.kind, length}
	header := s.w.Header() // its keys are in canonical form
	header[headerSyncToken] = values[0:1:1]
	header["Content-Type"] = values[1:2:2]
	if length != "" {
		header["Content-Length"] = values[2:3:3]
	}
	s.w.WriteHeader(s.status)
}
