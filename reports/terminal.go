package reports

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

// Bounds of the terminal output, in characters.
const (
	// DefaultWidth is used where the width of the terminal is not known.
	DefaultWidth = 100
	minWidth     = 40
	maxWidth     = 160
)

// TerminalOptions says how [WriteTerminal] may write.
type TerminalOptions struct {
	// Color allows ANSI colours.
	Color bool
	// Width is how many characters a line may have; 0 is [DefaultWidth]. It is
	// kept between 40 and 160.
	Width int
}

// DetectTerminal returns the options for an open file: colours only on a terminal
// and only where NO_COLOR (https://no-color.org) is not set and TERM is not "dumb";
// the terminal's own width. Getenv reads the environment (os.Getenv).
func DetectTerminal(f *os.File, getenv func(string) string) TerminalOptions {
	width, ok := terminalWidth(f)
	if !ok {
		return TerminalOptions{Width: DefaultWidth}
	}
	return TerminalOptions{
		Color: getenv("NO_COLOR") == "" && getenv("TERM") != "dumb",
		Width: width,
	}
}

// WriteTerminal writes the result for a person at a terminal or a reader of a CI
// log: a title line, one table of the criteria, a line for each that did not pass,
// and the decision. Control characters in the result are not passed on. The output
// is written at once, or not at all.
func WriteTerminal(w io.Writer, r Result, o TerminalOptions) error {
	t := &terminal{options: o.bounded()}
	t.paragraph("", "", r.Heading())
	t.line("")
	if len(r.Judgements) > 0 {
		t.table(r.Judgements)
		t.line("")
	}
	if t.reasons(r.Judgements) {
		t.line("")
	}
	decision := string(Decide(r.Judgements, r.Partial))
	t.paragraph(decision+":", decision, r.Scenario+": "+r.Summary())
	if _, err := w.Write(t.out.Bytes()); err != nil {
		return fmt.Errorf("write the table of %s: %w", r.Scenario, err)
	}
	return nil
}

// Heading returns what was run in one line: "phase1: Cache over REST (stage phase1
// against legacy, profile phase, seed 7, real clock, 41.2 s)".
func (r Result) Heading() string {
	head := r.Scenario
	if r.Title != "" {
		head += ": " + r.Title
	}
	var facts []string
	if r.Stage != "" && r.Baseline != "" {
		facts = append(facts, "stage "+r.Stage+" against "+r.Baseline)
	} else if r.Stage != "" {
		facts = append(facts, "stage "+r.Stage)
	}
	if r.Profile != "" {
		facts = append(facts, "profile "+r.Profile)
	}
	facts = append(facts, fmt.Sprintf("seed %d", r.Seed))
	if r.Clock != "" {
		facts = append(facts, r.Clock+" clock")
	}
	if took := r.took(); took > 0 {
		facts = append(facts, duration(took))
	}
	return fmt.Sprintf("%s (%s)", head, strings.Join(facts, ", "))
}

// took returns how long the run was, 0 when that is not known.
func (r Result) took() time.Duration {
	if r.Started.IsZero() || r.Finished.Before(r.Started) {
		return 0
	}
	return r.Finished.Sub(r.Started)
}

// duration prints a time span: "41.2 s", "12 min 5 s", "2 h 0 min 3 s".
func duration(d time.Duration) string {
	if d < time.Minute {
		return Format(d.Seconds(), "s")
	}
	d = d.Round(time.Second)
	text := fmt.Sprintf("%d min %d s", d/time.Minute%60, d/time.Second%60)
	if hours := d / time.Hour; hours > 0 {
		text = fmt.Sprintf("%d h %s", hours, text)
	}
	return text
}

// terminal collects the lines; nothing reaches the writer before all are made.
type terminal struct {
	options TerminalOptions
	out     bytes.Buffer
}

func (t *terminal) line(text string) {
	t.out.WriteString(strings.TrimRight(text, " "))
	t.out.WriteByte('\n')
}

// paragraph writes head and text wrapped to the width, all lines but the first
// indented, the head in the colour of a verdict.
func (t *terminal) paragraph(head, verdict, text string) {
	const indent = "  "
	for i, line := range wrap(printable(head+" "+text), t.options.Width-len(indent)) {
		if rest, ok := strings.CutPrefix(line, head); ok && i == 0 {
			line = t.paint(head, verdict) + rest
		}
		if i > 0 {
			line = indent + line
		}
		t.line(line)
	}
}

// reasons writes a paragraph for each judgement that did not pass and reports
// whether there was one.
func (t *terminal) reasons(judgements []Judgement) bool {
	wrote := false
	for _, j := range judgements {
		if j.Verdict == Pass {
			continue
		}
		wrote = true
		text := fmt.Sprintf("%s: %s.", j.Text, strings.TrimSuffix(j.Reason, "."))
		if note := j.Measurement.Note; note != "" {
			text += " " + strings.TrimSuffix(note, ".") + "."
		}
		if j.Measurement.Evidence != "" {
			text += " See " + j.Measurement.Evidence + "."
		}
		t.paragraph(string(j.Verdict), string(j.Verdict), fmt.Sprintf("%s [%s, %s]", text, j.ID, j.Requirement))
	}
	return wrote
}

// paint puts text in the colour of a verdict or decision, where colours are allowed.
func (t *terminal) paint(text, verdict string) string {
	if !t.options.Color || text == "" {
		return text
	}
	code := "33" // yellow: NO DATA, INTERRUPTED
	switch verdict {
	case string(Pass):
		code = "32"
	case string(Fail):
		code = "31"
	case string(Skipped):
		code = "36"
	}
	return "\x1b[1;" + code + "m" + text + "\x1b[0m"
}
