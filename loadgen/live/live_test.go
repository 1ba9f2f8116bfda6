package live

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tollgate/loadgen"
)

var update = flag.Bool("update", false, "write the golden files anew")

func sampleView() view {
	return view{
		title: "profile phase, seed 1000, to http://127.0.0.1:8080", planned: 24 * time.Second, rate: 187.6,
		account: "account: 34 connections, 12345 billed commands",
		progress: loadgen.Progress{
			Elapsed: 12_345 * time.Millisecond, InFlight: 7,
			Counts: loadgen.Counts{Planned: 5000, Sent: 2310, OK: 2290, Limited: 8, Errors: 5, Dropped: 2},
			P50:    1200 * time.Microsecond, P95: 4500 * time.Microsecond, P99: 23 * time.Millisecond,
			AnError: "POST /v1/jobs/calendar-sync:\nstatus 503\x1b[2J",
			Queues: []loadgen.QueueProgress{
				{Queue: "adaptive-sync", Planned: 167, Accepted: 84, Ended: -1},
				{Queue: "calendar-sync", Planned: 117, Accepted: 117, Ended: 40},
				{Queue: "token-health-reminder", Planned: 5, Accepted: 0, Errors: 2, Ended: -1},
				{Queue: "token-refresh", Planned: 120, Accepted: 120, Ended: 120},
			},
		},
	}
}

func text(lines []line) string {
	var b strings.Builder
	for _, l := range lines {
		mark := "  "
		if l.bad {
			mark = "! "
		}
		b.WriteString(mark + l.text + "\n")
	}
	return b.String()
}

func TestFrames(t *testing.T) {
	early := sampleView()
	early.progress = loadgen.Progress{
		Counts: loadgen.Counts{Planned: 10},
		Queues: []loadgen.QueueProgress{{Queue: "token-refresh", Planned: 10, Ended: -1}},
	}
	early.rate, early.account = 0, ""
	for name, tc := range map[string]struct {
		view view
		size Size
	}{
		"wide":   {sampleView(), Size{120, 24}},
		"narrow": {sampleView(), Size{48, 24}},
		"tiny":   {sampleView(), Size{30, 7}},
		"early":  {early, Size{80, 24}},
	} {
		t.Run(name, func(t *testing.T) {
			got := text(frame(tc.view, tc.size))
			path := filepath.Join("testdata", name+".txt")
			if *update {
				require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
			}
			want, err := os.ReadFile(path)
			require.NoError(t, err, "run go test ./loadgen/live -update to make it")
			require.Equal(t, string(want), got)
		})
	}
}

func TestAFrameStaysWithinTheTerminal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size := Size{Columns: rapid.IntRange(1, 200).Draw(t, "columns"), Rows: rapid.IntRange(1, 60).Draw(t, "rows")}
		v := sampleView()
		v.progress.AnError = rapid.String().Draw(t, "error")
		for i := range v.progress.Queues {
			q := &v.progress.Queues[i]
			q.Planned = rapid.Int64Range(0, 1e6).Draw(t, "planned")
			q.Accepted = rapid.Int64Range(0, 1e6).Draw(t, "accepted")
			q.Ended = rapid.Int64Range(-1, 1e6).Draw(t, "ended")
		}
		lines := frame(v, size)
		require.LessOrEqual(t, len(lines), max(1, size.Rows-1))
		for _, l := range lines {
			require.Less(t, utf8.RuneCountInString(l.text), max(2, size.Columns))
			require.NotContains(t, l.text, "\n")
			require.NotContains(t, l.text, "\x1b")
		}
	})
}

func TestTheDisplayDrawsOverItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		size := Size{Columns: 80, Rows: 24}
		v := sampleView().progress
		d, err := Start(Config{
			Out: &out, Progress: func() loadgen.Progress { return v }, Size: func() Size { return size }, Title: "load", Planned: time.Minute,
			Account: func() string { return "3 connections" },
		})
		require.NoError(t, err)
		time.Sleep(900 * time.Millisecond)
		synctest.Wait()
		frames := strings.SplitAfter(out.String(), showCursor)
		require.Len(t, frames, 5+1, "at 0, 200, 400, 600 and 800 ms, and nothing after the last")
		require.True(t, strings.HasPrefix(frames[0], hideCursor+"\rload"), "nothing is above the first")
		require.True(t, strings.HasPrefix(frames[1], hideCursor+"\r\x1b[9Aload"), frames[1])
		require.Contains(t, frames[1], red+"errors 5   dropped 2   POST /v1/jobs/calendar-sync: status 503 [2J"+plain+eraseLine)
		require.Contains(t, frames[1], "3 connections")
		d.Stop()
		d.Stop()
		frames = strings.SplitAfter(out.String(), showCursor)
		require.Len(t, frames, 6+1, "one more, and the cursor is shown after it")
		require.Empty(t, frames[6])
	})
}

// A terminal that became narrower has broken the lines of the last frame.
func TestANarrowerTerminal(t *testing.T) {
	d := &Display{widths: []int{60, 20, 0, 41}}
	require.Equal(t, 4, d.rowsTaken(80))
	require.Equal(t, 3+1+1+3, d.rowsTaken(20))
}

func TestTheRateIsOfTheLastTwoSeconds(t *testing.T) {
	d := &Display{}
	for i := range int64(50) {
		sent := i * 20 // 100 a second
		if i >= 30 {
			sent = 600 + (i-30)*2 // 10 a second
		}
		rate := d.rate(loadgen.Progress{Elapsed: time.Duration(i) * redrawEvery, Counts: loadgen.Counts{Sent: sent}})
		switch {
		case i == 0:
			require.Zero(t, rate)
		case i <= 30:
			require.InDelta(t, 100, rate, 1e-6)
		case i >= 40:
			require.InDelta(t, 10, rate, 1e-6)
		}
	}
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errors.New("closed") }

func TestABrokenOutputAndABrokenConfig(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, err := Start(Config{Out: brokenWriter{}, Progress: func() loadgen.Progress { return loadgen.Progress{} }})
		require.NoError(t, err)
		time.Sleep(time.Minute)
		d.Stop()
	})
	_, err := Start(Config{Out: brokenWriter{}})
	require.ErrorContains(t, err, "needs Out and Progress")
	require.Equal(t, defaultSize, sizeOf(brokenWriter{}))
	file, err := os.Open(os.DevNull)
	require.NoError(t, err)
	defer file.Close()
	require.Equal(t, defaultSize, sizeOf(file))
}
