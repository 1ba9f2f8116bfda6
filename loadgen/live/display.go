package live

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"tollgate/loadgen"
)

const (
	// redrawEvery is the time between two frames.
	redrawEvery = 200 * time.Millisecond
	// rateOver is how many frames the rate is taken over: two seconds.
	rateOver = 10
)

// Control sequences of terminals (ECMA-48, and DEC's for the cursor).
const (
	hideCursor = "\x1b[?25l"
	showCursor = "\x1b[?25h"
	eraseLine  = "\x1b[K" // from the cursor on
	eraseBelow = "\x1b[J"
	red        = "\x1b[31m"
	plain      = "\x1b[0m"
)

// Config sets up a [Display].
type Config struct {
	Out      io.Writer               // required; a terminal
	Progress func() loadgen.Progress // required; loadgen.Runner.Progress
	// Size returns that of the terminal; nil asks Out, which is taken for 80 x 24 where it does not tell.
	Size func() Size
	// Title names the load; Planned is how long it is to take, 0 where that is not known.
	Title   string
	Planned time.Duration
	// Account, if given, returns what the account of the Redis says.
	Account func() string
}

// Display draws the progress of a run until it is stopped. An output that cannot be written to does not disturb the run.
type Display struct {
	cfg     Config
	stop    chan struct{}
	stopped sync.WaitGroup
	once    sync.Once

	widths []int // of the lines of the last frame, top to bottom
	sent   []mark
}

// mark is how much was sent at one frame.
type mark struct {
	at   time.Duration
	sent int64
}

// Start begins to draw; end it with Stop.
func Start(cfg Config) (*Display, error) {
	if cfg.Out == nil || cfg.Progress == nil {
		return nil, errors.New("live: Config needs Out and Progress")
	}
	if cfg.Size == nil {
		cfg.Size = func() Size { return sizeOf(cfg.Out) }
	}
	d := &Display{cfg: cfg, stop: make(chan struct{})}
	d.stopped.Go(d.run)
	return d, nil
}

// Stop draws a last frame, leaves it standing and ends the display. More calls do nothing.
func (d *Display) Stop() {
	d.once.Do(func() {
		close(d.stop)
		d.stopped.Wait()
		d.draw()
	})
}

func (d *Display) run() {
	ticker := time.NewTicker(redrawEvery)
	defer ticker.Stop()
	for {
		d.draw()
		select {
		case <-d.stop:
			return
		case <-ticker.C:
		}
	}
}

// draw writes one frame over the last one, in a single write.
func (d *Display) draw() {
	size := d.cfg.Size()
	size.Columns = max(1, size.Columns)
	v := view{title: d.cfg.Title, planned: d.cfg.Planned, progress: d.cfg.Progress()}
	v.rate = d.rate(v.progress)
	if d.cfg.Account != nil {
		v.account = d.cfg.Account()
	}
	var b strings.Builder
	b.WriteString(hideCursor + "\r")
	if up := d.rowsTaken(size.Columns); up > 0 {
		fmt.Fprintf(&b, "\x1b[%dA", up)
	}
	d.widths = d.widths[:0]
	for _, l := range frame(v, size) {
		d.widths = append(d.widths, utf8.RuneCountInString(l.text))
		if l.bad {
			l.text = red + l.text + plain
		}
		b.WriteString(l.text + eraseLine + "\r\n")
	}
	b.WriteString(eraseBelow + showCursor)
	_, _ = io.WriteString(d.cfg.Out, b.String())
}

// rowsTaken is how many rows of the terminal the last frame takes now: more than it had where the terminal has become
// narrower and broke its lines.
func (d *Display) rowsTaken(columns int) int {
	rows := 0
	for _, width := range d.widths {
		rows += max(1, (width+columns-1)/columns)
	}
	return rows
}

// rate is how many arrivals a second were sent in the last frames.
func (d *Display) rate(p loadgen.Progress) float64 {
	d.sent = append(d.sent, mark{p.Elapsed, p.Sent})
	d.sent = d.sent[max(0, len(d.sent)-rateOver-1):]
	first, last := d.sent[0], d.sent[len(d.sent)-1]
	if last.at <= first.at {
		return 0
	}
	return float64(last.sent-first.sent) / (last.at - first.at).Seconds()
}
