package live

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"tollgate/loadgen"
)

// Size is that of a terminal, in characters.
type Size struct{ Columns, Rows int }

// view is what one frame shows.
type view struct {
	title    string
	planned  time.Duration // of the whole run, 0 where that is not known
	progress loadgen.Progress
	rate     float64 // arrivals sent a second, lately
	account  string  // what the account of the Redis says, "" for nothing
}

// line is one line of a frame; bad ones are shown in red.
type line struct {
	text string
	bad  bool
}

// The width of a queue's bar.
const (
	leastBar = 5 // less is no picture
	mostBar  = 40
)

// frame draws v within size, one column and one row left free so that nothing scrolls.
func frame(v view, size Size) []line {
	lines := append(head(v), queues(v.progress.Queues, size.Columns-1)...)
	if most := max(1, size.Rows-1); len(lines) > most {
		hidden := len(lines) - most + 1
		lines = lines[:most]
		lines[most-1] = line{text: fmt.Sprintf("... and %d more lines", hidden)}
	}
	for i := range lines {
		lines[i].text = cut(lines[i].text, size.Columns-1)
	}
	return lines
}

func head(v view) []line {
	p := v.progress
	elapsed := seconds(p.Elapsed)
	if v.planned > 0 {
		elapsed += " of " + seconds(v.planned)
	}
	lines := []line{
		{text: oneLine(v.title) + "   " + elapsed},
		{text: fmt.Sprintf("sent %d/%d   %.0f/s   ok %d   limited %d   in flight %d", p.Sent, p.Planned, v.rate, p.OK, p.Limited, p.InFlight)},
		{text: latencies(p)},
		{text: fmt.Sprintf("errors %d   dropped %d", p.Errors, p.Dropped), bad: p.Errors+p.Dropped > 0},
	}
	if p.AnError != "" {
		lines[3].text += "   " + oneLine(p.AnError)
	}
	if v.account != "" {
		lines = append(lines, line{text: oneLine(v.account)})
	}
	return lines
}

func latencies(p loadgen.Progress) string {
	if p.P99 == 0 {
		return "p50 -   p95 -   p99 -"
	}
	return fmt.Sprintf("p50 %s   p95 %s   p99 %s", millis(p.P50), millis(p.P95), millis(p.P99))
}

// queues has a bar for each queue: done, accepted, still to come.
func queues(all []loadgen.QueueProgress, columns int) []line {
	name, figures := 0, 0
	for _, q := range all {
		name, figures = max(name, len(q.Queue)), max(figures, len(count(q)))
	}
	width := min(mostBar, columns-name-figures-4)
	lines := make([]line, len(all))
	for i, q := range all {
		picture := ""
		if width >= leastBar {
			picture = "  " + bar(q, width)
		}
		lines[i] = line{text: fmt.Sprintf("%-*s%s  %s", name, q.Queue, picture, count(q)), bad: q.Errors > 0}
	}
	return lines
}

// count is the figures of a queue.
func count(q loadgen.QueueProgress) string {
	text := fmt.Sprintf("%d/%d", q.Accepted, q.Planned)
	if q.Ended >= 0 {
		text += fmt.Sprintf(", done %d", q.Ended)
	}
	if q.Errors > 0 {
		text += fmt.Sprintf(", not accepted %d", q.Errors)
	}
	return text
}

func bar(q loadgen.QueueProgress, width int) string {
	if q.Planned == 0 {
		return strings.Repeat("░", width)
	}
	accepted := int(int64(width) * min(q.Accepted, q.Planned) / q.Planned)
	if q.Ended < 0 {
		return strings.Repeat("█", accepted) + strings.Repeat("░", width-accepted)
	}
	done := int(int64(width) * min(q.Ended, q.Accepted, q.Planned) / q.Planned)
	return strings.Repeat("█", done) + strings.Repeat("▒", accepted-done) + strings.Repeat("░", width-accepted)
}

// cut shortens text to so many characters.
func cut(text string, columns int) string {
	if utf8.RuneCountInString(text) <= columns {
		return text
	}
	runes := []rune(text)
	return string(runes[:max(0, columns)])
}

// oneLine makes text from elsewhere one line of which each character takes one column: no control characters, and a
// question mark for whatever a terminal might make wider.
func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r < ' ' || r == 0x7f:
			return ' '
		case r > 0x7f:
			return '?'
		default:
			return r
		}
	}, text)
}

func seconds(d time.Duration) string {
	if d >= time.Hour {
		return d.Round(time.Minute).String()
	}
	return fmt.Sprintf("%.1fs", d.Seconds())
}

func millis(d time.Duration) string { return fmt.Sprintf("%.1fms", d.Seconds()*1e3) }
