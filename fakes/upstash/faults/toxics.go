package faults

import (
	"math/rand/v2"
	"slices"
	"time"

	"github.com/Shopify/toxiproxy/v2/stream"
	"github.com/Shopify/toxiproxy/v2/toxics"
)

const (
	// slowStep is how often a limited stream moves on.
	slowStep = 100 * time.Millisecond
	// queueChunks is how many chunks wait before a toxic, as before toxiproxy's own.
	queueChunks = 1024
)

// toxicsFor are the toxics by which a fault acts on one direction of a
// connection; none if it does not.
func (a *active) toxicsFor(direction string, conn uint64) []toxics.Toxic {
	switch {
	case a.Kind == HalfOpen:
		return []toxics.Toxic{stall{}}
	case a.Kind == Reset && a.Bytes > 0 && direction == Down:
		return []toxics.Toxic{&toxics.LimitDataToxic{Bytes: a.Bytes}}
	case !a.goes(direction):
		return nil
	case a.Kind == Bandwidth:
		return []toxics.Toxic{bandwidth{rate: a.Rate}}
	case a.Kind == Latency && a.Jitter > 0:
		random := randomFrom(a.seed, "jitter "+direction+" "+a.Name, conn)
		return []toxics.Toxic{constantly(a.Delay - a.Jitter), &jitter{most: 2 * a.Jitter, random: random}}
	case a.Kind == Latency:
		return []toxics.Toxic{constantly(a.Delay)}
	}
	return nil
}

// goes says whether a fault with a direction acts on this one.
func (a *active) goes(direction string) bool {
	switch a.Direction {
	case "":
		return direction == Down
	case Both:
		return true
	}
	return direction == a.Direction
}

func constantly(delay time.Duration) *toxics.LatencyToxic {
	return &toxics.LatencyToxic{Latency: delay.Milliseconds()}
}

// jitter delays each chunk by up to most. toxiproxy's LatencyToxic could do so
// too, but not with a seed.
type jitter struct {
	most   time.Duration
	random *rand.Rand // only the goroutine that runs Pipe
}

// Pipe passes chunks on, each after its delay; see toxics.Toxic.
func (t *jitter) Pipe(stub *toxics.ToxicStub) {
	for {
		select {
		case <-stub.Interrupt:
			return
		case c := <-stub.Input:
			if c == nil {
				stub.Close()
				return
			}
			due := c.Timestamp.Add(time.Duration(t.random.Int64N(int64(t.most) + 1)))
			select {
			case <-time.After(time.Until(due)):
				stub.Output <- c
			case <-stub.Interrupt:
				stub.Output <- c
				return
			}
		}
	}
}

// GetBufferSize is how many chunks may wait; see toxics.BufferedToxic.
func (t *jitter) GetBufferSize() int { return queueChunks }

// bandwidth lets rate bytes a second through. toxiproxy's BandwidthToxic counts in
// kilobytes, logs to standard error when it is interrupted, and then drops what
// nobody takes within 5 seconds.
type bandwidth struct{ rate int64 }

// Pipe passes chunks on in pieces, each when its last byte is due; see toxics.Toxic.
func (t bandwidth) Pipe(stub *toxics.ToxicStub) {
	var due time.Time
	for {
		select {
		case <-stub.Interrupt:
			return
		case c := <-stub.Input:
			if c == nil {
				stub.Close()
				return
			}
			if now := time.Now(); due.Before(now) {
				due = now
			}
			for piece := range slices.Chunk(c.Data, t.piece()) {
				due = due.Add(time.Duration(len(piece)) * time.Second / time.Duration(t.rate))
				select {
				case <-time.After(time.Until(due)):
					stub.Output <- &stream.StreamChunk{Data: piece, Timestamp: c.Timestamp}
					c.Data = c.Data[len(piece):]
				case <-stub.Interrupt:
					stub.Output <- c
					return
				}
			}
		}
	}
}

// piece is how many bytes go together: those of one step.
func (t bandwidth) piece() int { return int(max(1, t.rate/int64(time.Second/slowStep))) }

// stall lets nothing through and keeps everything, the end of the stream too.
// toxiproxy's TimeoutToxic drops what it gets.
type stall struct{}

// Pipe waits to be interrupted; see toxics.Toxic.
func (stall) Pipe(stub *toxics.ToxicStub) { <-stub.Interrupt }
