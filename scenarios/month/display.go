package month

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"tollgate/loadgen"
	"tollgate/reports"
)

const (
	// barWidth is the width of a progress bar, in characters.
	barWidth = 24
	// sayEvery is the real time between two lines of a task where lines stay.
	sayEvery = 10 * time.Second
)

// Display shows how the tasks go: bars that move on a terminal, a line now and then elsewhere. A nil Display shows nothing.
// Its methods may be called from any goroutine.
type Display struct {
	out   io.Writer
	style loadgen.Style

	mu    sync.Mutex
	lines []*line // of tasks that run
	shown int     // lines that the cursor is below
}

// NewDisplay shows progress on out.
func NewDisplay(out io.Writer, style loadgen.Style) *Display { return &Display{out: out, style: style} }

// line is one task on the display.
type line struct {
	display *Display
	task    Task
	began   time.Time
	said    time.Time
	last    Progress
}

// begin adds a task.
func (d *Display) begin(t Task) *line {
	l := &line{display: d, task: t, began: time.Now(), said: time.Now()}
	if d == nil {
		return l
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.lines = append(d.lines, l)
	d.draw()
	return l
}

// update notes how far the task is.
func (l *line) update(p Progress) {
	d := l.display
	if d == nil {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	l.last = p
	if d.style.Terminal {
		d.draw()
	} else if time.Since(l.said) >= sayEvery {
		l.said = time.Now()
		fmt.Fprintln(d.out, l.text(time.Since(l.began)))
	}
}

// end takes the task off and leaves a line of what it came to.
func (l *line) end(o Observation) {
	d := l.display
	if d == nil {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.erase()
	for i, other := range d.lines {
		if other == l {
			d.lines = append(d.lines[:i], d.lines[i+1:]...)
			break
		}
	}
	how := "done"
	if o.Partial {
		how = "stopped after " + days(o.Simulated)
	}
	fmt.Fprintf(d.out, "%s: %s, %s billed, in %s\n", l.task, how, number(o.Account.Total.Billed), time.Since(l.began).Round(time.Second/10))
	d.draw()
}

// text is the task's line: bar, virtual date, speed, commands, and the time left at that speed.
func (l *line) text(took time.Duration) string {
	p := l.last
	share := 0.0
	if p.Length > 0 {
		share = float64(p.Simulated) / float64(p.Length)
	}
	full := min(barWidth, int(share*barWidth))
	at := Start.Add(l.task.From + p.Simulated)
	remaining := "?"
	if share > 0 {
		remaining = time.Duration(float64(took) * (1 - share) / share).Round(time.Second).String()
	}
	return fmt.Sprintf("[%s%s] %s  %s  %s virtual s/s  %s billed  %s left", strings.Repeat("#", full), strings.Repeat(".", barWidth-full),
		l.task, at.Format("2006-01-02 15:04"), reports.Format(float64(int64(p.Simulated.Seconds()/took.Seconds())), unitCount), number(p.Billed), remaining)
}

// draw writes the running tasks' lines over the former ones, on a terminal.
func (d *Display) draw() {
	if !d.style.Terminal {
		return
	}
	d.erase()
	for _, l := range d.lines {
		fmt.Fprintln(d.out, l.text(time.Since(l.began)))
	}
	d.shown = len(d.lines)
}

// erase takes the lines off that draw wrote.
func (d *Display) erase() {
	if d.shown > 0 {
		fmt.Fprintf(d.out, "\x1b[%dA\x1b[J", d.shown) // up, and erase from here on
		d.shown = 0
	}
}
