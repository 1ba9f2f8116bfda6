package ledger_test

import (
	"encoding/json"
	"fmt"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tollgate/fakes/upstash/ledger"
)

var epoch = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)

// hand is a clock moved by hand.
type hand struct{ now time.Time }

func (h *hand) clock() time.Time { return h.now }

func book(capacity int) (*ledger.Ledger, *hand) {
	h := &hand{epoch}
	return ledger.New(ledger.Config{Capacity: capacity, Clock: h.clock}), h
}

func TestRecordSplitsTheTotal(t *testing.T) {
	l, _ := book(0)
	l.Record(ledger.Command{Component: "api", Name: "EVALSHA", Script: "abc", Billed: true})
	l.Record(ledger.Command{Component: "api", Name: "GET", Script: "abc", Inner: true, Billed: true})
	l.Record(ledger.Command{Component: "api", Name: "GET", Group: "q", Billed: true})
	l.Record(ledger.Command{Component: "worker", Name: "PING"})
	l.Record(ledger.Command{Component: "worker", Name: "SLOWLOG", Unsupported: true})
	l.Record(ledger.Command{Component: "worker", Name: "GET", Rejected: true})

	require.Equal(t, ledger.Snapshot{
		At:          epoch,
		Total:       ledger.Counts{Wire: 5, Inner: 1, Billed: 3},
		Unsupported: 1,
		Rejected:    1,
		ByComponent: map[string]ledger.Counts{
			"api":    {Wire: 2, Inner: 1, Billed: 3},
			"worker": {Wire: 3},
		},
		ByCommand: map[string]ledger.Counts{
			"EVALSHA": {Wire: 1, Billed: 1}, "GET": {Wire: 2, Inner: 1, Billed: 2}, "PING": {Wire: 1}, "SLOWLOG": {Wire: 1},
		},
		ByScript:               map[string]ledger.Counts{"abc": {Wire: 1, Inner: 1, Billed: 2}},
		ByGroup:                map[string]ledger.Counts{"q": {Wire: 1, Billed: 1}},
		ConnectionsByComponent: map[string]ledger.ConnCounts{},
	}, l.Snapshot())
}

func TestSnapshotIsACopy(t *testing.T) {
	l, _ := book(0)
	l.Record(ledger.Command{Component: "api", Name: "GET"})
	l.ConnOpened(1)
	before := l.Snapshot()
	l.Record(ledger.Command{Component: "api", Name: "GET"})
	l.ConnOpened(2)
	require.EqualValues(t, 1, before.ByCommand["GET"].Wire)
	require.EqualValues(t, 1, before.ConnectionsByComponent[ledger.Unnamed].Opened)
	before.ByCommand["GET"] = ledger.Counts{}
	require.EqualValues(t, 2, l.Snapshot().ByCommand["GET"].Wire)
}

func TestSince(t *testing.T) {
	l, h := book(0)
	l.Record(ledger.Command{Component: "api", Name: "GET", Billed: true})
	l.Record(ledger.Command{Component: "api", Name: "DEL", Billed: true})
	for id := range uint64(3) {
		l.ConnOpened(id)
	}
	l.ConnClosed(0)
	l.RESTConnOpened()
	l.ResetPeaks()
	before := l.Snapshot()

	h.now = h.now.Add(time.Minute)
	l.Record(ledger.Command{Component: "api", Name: "GET", Billed: true})
	l.ConnOpened(3)
	l.ConnNamed(3, "api")
	l.ConnRefused("")
	l.RESTConnClosed()

	require.Equal(t, ledger.Snapshot{
		At:          epoch.Add(time.Minute),
		Total:       ledger.Counts{Wire: 1, Billed: 1},
		ByComponent: map[string]ledger.Counts{"api": {Wire: 1, Billed: 1}},
		ByCommand:   map[string]ledger.Counts{"GET": {Wire: 1, Billed: 1}},
		ByScript:    map[string]ledger.Counts{},
		ByGroup:     map[string]ledger.Counts{},
		Connections: ledger.ConnCounts{Open: 3, Peak: 3, Opened: 1, Refused: 1},
		ConnectionsByComponent: map[string]ledger.ConnCounts{
			"api":          {Open: 1, Peak: 1, Opened: 1},
			ledger.Unnamed: {Open: 2, Peak: 3, Refused: 1},
		},
		RESTConnections: ledger.ConnCounts{Open: 0, Peak: 1},
	}, l.Snapshot().Since(before))
}

func TestConnectionsOutOfOrderAreIgnored(t *testing.T) {
	l, _ := book(0)
	l.ConnClosed(1)
	l.ConnNamed(1, "api")
	l.ConnOpened(1)
	l.ConnOpened(1)
	l.ConnNamed(1, "api")
	l.ConnNamed(1, "api")
	require.Equal(t, ledger.ConnCounts{Open: 1, Peak: 1, Opened: 1}, l.Snapshot().Connections)
	l.ConnClosed(1)
	l.ConnClosed(1)
	require.Equal(t, map[string]ledger.ConnCounts{"api": {Peak: 1, Opened: 1}}, l.Snapshot().ConnectionsByComponent)
}

// Whatever connections do, the counts are those of a model that just remembers.
func TestConnectionCountsAreExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l, _ := book(0)
		open := map[uint64]string{}
		var next uint64
		opened, peak := int64(0), 0
		components := rapid.SampledFrom([]string{"a", "b", "c"})
		pick := func(t *rapid.T) uint64 {
			ids := []uint64{next} // one that is not open
			for id := range next {
				if _, ok := open[id]; ok {
					ids = append(ids, id)
				}
			}
			return rapid.SampledFrom(ids).Draw(t, "id")
		}
		t.Repeat(map[string]func(*rapid.T){
			"open": func(*rapid.T) {
				l.ConnOpened(next)
				open[next] = ledger.Unnamed
				next++
				opened++
				peak = max(peak, len(open))
			},
			"name": func(t *rapid.T) {
				id, component := pick(t), components.Draw(t, "component")
				l.ConnNamed(id, component)
				if _, ok := open[id]; ok {
					open[id] = component
				}
			},
			"close": func(t *rapid.T) {
				id := pick(t)
				l.ConnClosed(id)
				delete(open, id)
			},
			"reset peaks": func(*rapid.T) {
				l.ResetPeaks()
				peak = len(open)
			},
			"": func(t *rapid.T) {
				s := l.Snapshot()
				require.Equal(t, ledger.ConnCounts{Open: int64(len(open)), Peak: int64(peak), Opened: opened}, s.Connections)
				perComponent := map[string]int64{}
				for _, component := range open {
					perComponent[component]++
				}
				var sum int64
				for component, counts := range s.ConnectionsByComponent {
					require.Equal(t, perComponent[component], counts.Open)
					require.GreaterOrEqual(t, counts.Peak, counts.Open)
					sum += counts.Opened
				}
				require.Equal(t, opened, sum)
			},
		})
	})
}

func TestRecentKeepsTheNewest(t *testing.T) {
	l, _ := book(3)
	require.Empty(t, l.Recent())
	for i := range 8 {
		l.Record(ledger.Command{Name: strconv.Itoa(i)})
		var want []string
		for at := max(0, i-2); at <= i; at++ {
			want = append(want, strconv.Itoa(at))
		}
		var got []string
		for _, c := range l.Recent() {
			require.Equal(t, epoch, c.At)
			got = append(got, c.Name)
		}
		require.Equal(t, want, got)
	}
}

func TestSeries(t *testing.T) {
	l, h := book(0)
	l.ConnOpened(1)
	l.ConnOpened(2)
	l.Record(ledger.Command{Name: "GET", Billed: true})
	h.now = h.now.Add(1500 * time.Millisecond)
	l.ConnClosed(1)
	l.ConnClosed(2)
	l.ConnOpened(3)
	h.now = h.now.Add(time.Hour)
	l.Record(ledger.Command{Name: "GET", Inner: true})
	l.Record(ledger.Command{Name: "GET", At: epoch, Billed: true}) // late
	require.Equal(t, []ledger.Second{
		{At: epoch, Wire: 1, Billed: 1, Open: 2},
		{At: epoch.Add(time.Second), Open: 2},
		{At: epoch.Add(time.Hour + time.Second), Wire: 1, Inner: 1, Billed: 1, Open: 1},
	}, l.Series())
}

func TestSeriesIsCapped(t *testing.T) {
	l, h := book(1)
	for range ledger.MaxSeconds + 10 {
		l.Record(ledger.Command{Name: "GET"})
		h.now = h.now.Add(time.Second)
	}
	series := l.Series()
	require.Len(t, series, ledger.MaxSeconds)
	require.Equal(t, epoch.Add(10*time.Second), series[0].At)
}

func TestNamesAreCapped(t *testing.T) {
	l, _ := book(1)
	const extra = 100
	for i := range ledger.MaxNames + extra {
		name := strconv.Itoa(i)
		l.Record(ledger.Command{Component: name, Name: name, Script: name})
		l.ConnOpened(uint64(i))
		l.ConnNamed(uint64(i), name)
	}
	s := l.Snapshot()
	for _, counts := range []map[string]ledger.Counts{s.ByComponent, s.ByCommand, s.ByScript} {
		require.Len(t, counts, ledger.MaxNames+1)
		require.EqualValues(t, extra, counts[ledger.Other].Wire)
	}
	require.LessOrEqual(t, len(s.ConnectionsByComponent), ledger.MaxNames+1)
	require.EqualValues(t, ledger.MaxNames+extra, s.Connections.Open)
}

func TestRecordConcurrently(t *testing.T) {
	l := ledger.New(ledger.Config{})
	var group sync.WaitGroup
	const recorders, each = 8, 1000
	for i := range recorders {
		group.Go(func() {
			for range each {
				l.Record(ledger.Command{Component: strconv.Itoa(i), Name: "GET", Billed: true})
				l.Snapshot()
			}
		})
	}
	group.Wait()
	s := l.Snapshot()
	require.Equal(t, ledger.Counts{Wire: recorders * each, Billed: recorders * each}, s.Total)
	require.Equal(t, s.Total, s.ByCommand["GET"])
}

func TestSnapshotAsJSON(t *testing.T) {
	l, _ := book(0)
	l.Record(ledger.Command{Component: "api", Name: "GET", Billed: true})
	l.ConnOpened(1)
	want := l.Snapshot()
	text, err := json.Marshal(want)
	require.NoError(t, err)
	require.Contains(t, string(text), `"by_command":{"GET":{"wire":1,"inner":0,"billed":1}}`)
	var got ledger.Snapshot
	require.NoError(t, json.Unmarshal(text, &got))
	require.Equal(t, want, got)
}

func BenchmarkRecord(b *testing.B) {
	l := ledger.New(ledger.Config{})
	b.ReportAllocs()
	for b.Loop() {
		l.Record(ledger.Command{Component: "api", Transport: ledger.TransportTCP, Name: "EVALSHA", Script: "0123456789012345678901234567890123456789", Billed: true})
	}
}

func ExampleSnapshot_Since() {
	l := ledger.New(ledger.Config{})
	l.Record(ledger.Command{Component: "api", Name: "PING"})
	before := l.Snapshot()
	l.Record(ledger.Command{Component: "api", Name: "GET", Billed: true})
	l.Record(ledger.Command{Component: "api", Name: "SET", Billed: true})
	window := l.Snapshot().Since(before)
	fmt.Println(window.Total.Wire, "commands,", window.Total.Billed, "billed")
	// Output: 2 commands, 2 billed
}
