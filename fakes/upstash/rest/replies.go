package rest

import (
	"bufio"

	"tollgate/fakes/upstash/commands"
	"tollgate/fakes/upstash/resp"
)

// fullBytes is how much of replies is held before some are sent, in bytes: 1 MiB.
const fullBytes = 1 << 20

// Call is a command of a request.
type Call struct {
	// Command is its row in the table, but for a call with a Refusal.
	Command commands.Command
	// Args are its words, of which there is at least one. They are the caller's, to read and not to keep.
	Args [][]byte
	// Refusal is the error that is its reply, as it may not run here, or "". It is booked already.
	Refusal string
}

// Replies takes the replies to the calls of a request, in their order. It is for one goroutine.
type Replies struct {
	held   resp.Buffer
	count  int
	failed []int // which of them are errors
	drain  func() error

	scratch []byte
}

// Add adds a reply.
func (r *Replies) Add(v resp.Value) {
	if v.IsError() {
		r.failed = append(r.failed, r.count)
	}
	r.count++
	r.scratch = resp.AppendValue(r.scratch[:0], v, 2)
	_, _ = r.held.Write(r.scratch)
}

// Read adds the next reply of an engine's, which is not an error, if its strings have no more than most bytes; how
// many they have it says in any case.
func (r *Replies) Read(from *bufio.Reader, limits resp.Limits, most int64) (size int64, err error) {
	size, err = r.held.Hold(from, limits, most)
	if err == nil && size <= most {
		r.count++
	}
	return size, err
}

// Full says that so much is held that some should be sent: see Drain.
func (r *Replies) Full() bool { return r.held.Len() >= fullBytes }

// Held is how many bytes are held.
func (r *Replies) Held() int64 { return r.held.Len() }

// Drain sends what is held to the client, which may take as long as an answer may take. It is for calls that do not
// run together; meanwhile nothing should be kept that others need. After an error there is no sense in going on.
func (r *Replies) Drain() error { return r.drain() }
