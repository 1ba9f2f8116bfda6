package loadgen

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"
)

// Defaults of [ReporterConfig].
const (
	// DefaultReportEvery is the time between two lines that stay.
	DefaultReportEvery = 5 * time.Second
	// terminalEvery is the time between two updates of the line on a terminal.
	terminalEvery = 250 * time.Millisecond
)

// Style is what an output can show.
type Style struct {
	Terminal bool // one line can be written over
	Colour   bool
}

// DetectStyle finds out what w can show. A terminal is a character device other
// than the null device, unless TERM is dumb; colours are off when NO_COLOR is
// set (https://no-color.org). getenv is os.Getenv outside tests.
func DetectStyle(w io.Writer, getenv func(string) string) Style {
	file, ok := w.(*os.File)
	if !ok || getenv("TERM") == "dumb" {
		return Style{}
	}
	info, err := file.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return Style{}
	}
	if null, err := os.Stat(os.DevNull); err == nil && os.SameFile(info, null) {
		return Style{}
	}
	return Style{Terminal: true, Colour: getenv("NO_COLOR") == ""}
}

// ReporterConfig sets up a [Reporter].
type ReporterConfig struct {
	Out      io.Writer       // required
	Progress func() Progress // required; [Runner].Progress
	// Extra, if given, returns what is added to the end of a line, such as open
	// connections and billed commands.
	Extra func() string
	// Every is the time between two lines; 0 is DefaultReportEvery. A terminal
	// has one line, which is updated four times a second instead.
	Every time.Duration
	Style Style
}

// Reporter writes the progress of a run. An output that cannot be written to
// does not disturb the run.
type Reporter struct {
	cfg     ReporterConfig
	stop    chan struct{}
	stopped sync.WaitGroup
	once    sync.Once
}

// StartReporter begins to report; end it with Stop.
func StartReporter(cfg ReporterConfig) (*Reporter, error) {
	switch {
	case cfg.Out == nil || cfg.Progress == nil:
		return nil, errors.New("loadgen: ReporterConfig needs Out and Progress")
	case cfg.Every < 0:
		return nil, fmt.Errorf("loadgen: ReporterConfig.Every %s is negative", cfg.Every)
	case cfg.Style.Terminal:
		cfg.Every = terminalEvery
	case cfg.Every == 0:
		cfg.Every = DefaultReportEvery
	}
	r := &Reporter{cfg: cfg, stop: make(chan struct{})}
	r.stopped.Go(r.run)
	return r, nil
}

// Stop writes a last line and ends the reporter. More calls do nothing.
func (r *Reporter) Stop() {
	r.once.Do(func() {
		close(r.stop)
		r.stopped.Wait()
		r.write()
		if r.cfg.Style.Terminal {
			_, _ = fmt.Fprintln(r.cfg.Out)
		}
	})
}

func (r *Reporter) run() {
	ticker := time.NewTicker(r.cfg.Every)
	defer ticker.Stop()
	for {
		select {
		case <-r.stop:
			return
		case <-ticker.C:
			r.write()
		}
	}
}

func (r *Reporter) write() {
	line := r.cfg.Progress().line(r.cfg.Style.Colour)
	if r.cfg.Extra != nil {
		line += "  " + r.cfg.Extra()
	}
	if r.cfg.Style.Terminal {
		line = "\r" + line + "\x1b[K" // back to the margin; erase what was longer before
	} else {
		line += "\n"
	}
	_, _ = io.WriteString(r.cfg.Out, line)
}
