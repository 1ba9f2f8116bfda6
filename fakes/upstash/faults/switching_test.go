package faults_test

import (
	"bytes"
	"io"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// specs are faults that may come and go without harm to what is sent.
var specs = []string{
	"latency,name=a,delay=3ms", "latency,name=b,delay=2ms,jitter=2ms,direction=both", "latency,name=c,delay=1ms,direction=up",
	"bandwidth,name=d,rate=2000000", "bandwidth,name=e,rate=3000000,direction=both", "half-open,name=f",
	"latency,name=g,delay=1ms,probability=0.5",
}

// Whatever comes and goes while bytes are sent both ways, all arrive in order.
func TestSwitchingNeverCorrupts(t *testing.T) {
	for name, network := range networks(t) {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, network(t), 7)
			stop := make(chan struct{})
			var wg sync.WaitGroup
			wg.Go(func() {
				random := rand.New(rand.NewPCG(1, 2))
				for {
					select {
					case <-stop:
						return
					default:
					}
					b.add(t, specs[random.IntN(len(specs))])
					if random.IntN(2) == 0 {
						b.add(t, "latency,name=z,delay=1ms")
					}
					b.Clear()
				}
			})
			var senders sync.WaitGroup
			for i := range 8 {
				conn := b.dial(t)
				want := stream(uint64(i), 200_000)
				senders.Go(func() {
					for part := range chunked(want) {
						if _, err := conn.Write(part); err != nil {
							t.Error(err)
							return
						}
					}
				})
				senders.Go(func() {
					got := make([]byte, len(want))
					if _, err := io.ReadFull(conn, got); err != nil {
						t.Error(err)
					} else if !bytes.Equal(want, got) {
						t.Errorf("connection %d: what came back differs", i)
					}
				})
			}
			senders.Wait()
			close(stop)
			wg.Wait()
		})
	}
}

// The same at moments of virtual time that rapid picks and shrinks.
func TestSwitchingAtAnyMoment(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		type step struct {
			pause  time.Duration
			toggle string
			send   int
		}
		steps := rapid.SliceOfN(rapid.Custom(func(rt *rapid.T) step {
			return step{
				pause:  time.Duration(rapid.IntRange(0, 8).Draw(rt, "ms")) * ms / 2,
				toggle: rapid.SampledFrom(specs).Draw(rt, "fault"),
				send:   rapid.IntRange(0, 40_000).Draw(rt, "bytes"),
			}
		}), 1, 20).Draw(rt, "steps")
		synctest.Test(t, func(t *testing.T) {
			b := newBench(t, mem(t), 3)
			conn := b.dial(t)
			on := map[string]string{}
			var want []byte
			got := make(chan []byte)
			go func() {
				all, _ := io.ReadAll(conn)
				got <- all
			}()
			for i, step := range steps {
				if name := on[step.toggle]; name != "" {
					_, err := b.Remove(name)
					require.NoError(t, err)
					delete(on, step.toggle)
				} else {
					on[step.toggle] = b.add(t, step.toggle)
				}
				part := stream(uint64(i), step.send)
				want = append(want, part...)
				_, err := conn.Write(part)
				require.NoError(t, err)
				time.Sleep(step.pause)
			}
			b.Clear()
			time.Sleep(ms)
			require.NoError(t, conn.Close())
			all := <-got
			require.True(t, bytes.Equal(want, all), "%d bytes of %d after %v", len(all), len(want), steps)
		})
	})
}

// stream is bytes that tell if one is missing.
func stream(seed uint64, n int) []byte {
	out := make([]byte, n)
	random := rand.NewChaCha8([32]byte{byte(seed), 1})
	_, _ = random.Read(out)
	return out
}

// chunked cuts bytes into pieces of many sizes.
func chunked(all []byte) func(func([]byte) bool) {
	return func(yield func([]byte) bool) {
		for size := 1; len(all) > 0; size = size*7%5003 + 1 {
			n := min(size, len(all))
			if !yield(all[:n]) {
				return
			}
			all = all[n:]
		}
	}
}
