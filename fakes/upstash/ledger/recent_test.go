package ledger_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tollgate/fakes/upstash/ledger"
)

// A ledger in which like commands share memory says the same as one in which they
// do not, whatever comes.
func TestNoteSaysWhatRecordSays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		now := epoch
		cfg := ledger.Config{Capacity: rapid.IntRange(1, 20).Draw(t, "capacity"), Clock: func() time.Time { return now }}
		noted, recorded := ledger.New(cfg), ledger.New(cfg)
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			c := ledger.Command{
				Component: "api", Transport: ledger.TransportTCP,
				Name: rapid.SampledFrom([]string{"GET", "SET"}).Draw(t, "name"), Billed: rapid.Bool().Draw(t, "billed"),
			}
			switch rapid.SampledFrom([]string{"command", "command", "command", "refunded", "look", "later"}).Draw(t, "step") {
			case "command":
				noted.Note(c)
				recorded.Record(c)
			case "refunded":
				entry, same := noted.Record(c), recorded.Record(c)
				noted.Note(c)
				recorded.Record(c)
				noted.Refund(entry)
				recorded.Refund(same)
			case "look":
				require.Equal(t, recorded.Snapshot(), noted.Snapshot())
			case "later":
				now = now.Add(time.Duration(rapid.IntRange(1, 2).Draw(t, "half seconds")) * time.Second / 2)
			}
		}
		require.Equal(t, recorded.Recent(), noted.Recent())
		require.Equal(t, recorded.Series(), noted.Series())
		require.Equal(t, recorded.Breakdown(), noted.Breakdown())
	})
}

// However many like commands come at one moment, they take the room of one.
func BenchmarkNote(b *testing.B) {
	l := ledger.New(ledger.Config{})
	at := time.Now()
	b.ReportAllocs()
	for b.Loop() {
		l.Note(ledger.Command{At: at, Component: "api", Transport: ledger.TransportTCP, Name: "GET", Billed: true})
	}
}
