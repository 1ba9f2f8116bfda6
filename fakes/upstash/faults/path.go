package faults

import (
	"errors"
	"io"
	"net"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/Shopify/toxiproxy/v2/stream"
	"github.com/Shopify/toxiproxy/v2/toxics"
)

// chunkBytes is how many bytes go together at most: 16 KiB. A path holds
// queueChunks of them, 16 MiB, before each toxic that buffers, and makes who
// sends more wait.
const chunkBytes = 16 << 10

// errRetired is what send and receive return when the path is out of use.
var errRetired = errors.New("faults: path retired")

// path is a chain of toxics that the bytes of one direction go through. It never
// changes: when the faults of a connection do, its path is retired and another
// takes its place behind what was still under way.
//
//	send -> in -> toxic -> toxic -> out -> receive
type path struct {
	stubs []*toxics.ToxicStub
	in    chan *stream.StreamChunk
	out   <-chan *stream.StreamChunk
	wg    sync.WaitGroup // the toxics

	sending   chan struct{} // has room for one: taken by who sends, for good by who ends it
	receiving chan struct{} // likewise
	finished  chan struct{} // closed: nothing more is sent; what was goes its way
	retired   chan struct{} // closed: nothing is received any more, nor sent
	drained   chan struct{} // closed: residue is complete
	residue   []byte        // what was under way when the path retired

	finishOnce, abandonOnce, retireOnce sync.Once
}

func newPath(chain []toxics.Toxic) *path {
	p := &path{
		in:        make(chan *stream.StreamChunk, queueChunks),
		sending:   make(chan struct{}, 1),
		receiving: make(chan struct{}, 1),
		finished:  make(chan struct{}),
		retired:   make(chan struct{}),
		drained:   make(chan struct{}),
	}
	next := p.in
	for i, toxic := range chain {
		size := 0
		if i+1 < len(chain) {
			if buffered, ok := chain[i+1].(toxics.BufferedToxic); ok {
				size = buffered.GetBufferSize()
			}
		}
		out := make(chan *stream.StreamChunk, size)
		stub := toxics.NewToxicStub(next, out)
		if stateful, ok := toxic.(toxics.StatefulToxic); ok {
			stub.State = stateful.NewState()
		}
		p.stubs = append(p.stubs, stub)
		p.run(stub, toxic)
		next = out
	}
	p.out = next
	return p
}

func (p *path) run(stub *toxics.ToxicStub, toxic toxics.Toxic) {
	// Chance has been decided by the seed: a toxicity of 1 leaves nothing to it.
	p.wg.Go(func() { stub.Run(&toxics.ToxicWrapper{Toxic: toxic, Toxicity: 1}) })
}

// send puts bytes on the path, which keeps them. Waiting for room ends with any of
// the two channels.
func (p *path) send(data []byte, expired, closed <-chan struct{}) error {
	select {
	case p.sending <- struct{}{}:
		defer func() { <-p.sending }()
	case <-p.finished:
		return p.ended()
	case <-expired:
		return os.ErrDeadlineExceeded
	case <-closed:
		return net.ErrClosed
	}
	if p.isFinished() {
		return p.ended()
	}
	select {
	case p.in <- &stream.StreamChunk{Data: data, Timestamp: time.Now()}:
		return nil
	case <-p.finished:
		return p.ended()
	case <-expired:
		return os.ErrDeadlineExceeded
	case <-closed:
		return net.ErrClosed
	}
}

// ended is why nothing more is sent on a finished path.
func (p *path) ended() error {
	if p.isRetired() {
		return errRetired
	}
	return net.ErrClosed
}

// receive takes bytes off the path. io.EOF is its end: after finish, or because a
// toxic cut it.
func (p *path) receive(expired, closed <-chan struct{}) ([]byte, error) {
	select {
	case p.receiving <- struct{}{}:
	case <-p.retired:
		return nil, errRetired
	}
	defer func() { <-p.receiving }()
	if p.isRetired() {
		return nil, errRetired
	}
	select {
	case c := <-p.out:
		if c == nil {
			return nil, io.EOF
		}
		return c.Data, nil
	case <-p.retired:
		return nil, errRetired
	case <-expired:
		return nil, os.ErrDeadlineExceeded
	case <-closed:
		return nil, net.ErrClosed
	}
}

// finish ends the sending; what is under way still arrives.
func (p *path) finish() {
	p.finishOnce.Do(func() {
		close(p.finished)
		p.sending <- struct{}{} // who sends lets go at once
		close(p.in)
	})
}

func (p *path) isFinished() bool { return isClosed(p.finished) }
func (p *path) isRetired() bool  { return isClosed(p.retired) }

// abandon says that the path is about to retire: nobody takes anything more off it.
func (p *path) abandon() {
	p.abandonOnce.Do(func() { close(p.retired) })
}

// retire ends the path at once. All that was under way, in order, is the residue
// then. It waits for nobody but the toxics.
//
// They are interrupted from the last to the first, while the end is being drained:
// so none of them is stuck on the next. Each flushes what it holds, as toxiproxy
// demands of toxics, and passes on what comes after.
func (p *path) retire() {
	p.retireOnce.Do(func() {
		p.abandon()
		p.receiving <- struct{}{} // who receives lets go at once
		p.finish()
		p.wg.Go(func() {
			for c := range p.out {
				p.residue = append(p.residue, c.Data...)
			}
		})
		for _, stub := range slices.Backward(p.stubs) {
			if stub.InterruptToxic() {
				p.run(stub, new(toxics.NoopToxic))
			} else { // it cut the path: what comes after has nowhere to go
				p.wg.Go(func() { discard(stub.Input) })
			}
		}
		p.wg.Wait()
		close(p.drained)
	})
}

func discard(chunks <-chan *stream.StreamChunk) {
	for range chunks { //nolint:revive // until it is closed
	}
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}
