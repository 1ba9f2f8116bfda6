package reports

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"maps"
	"slices"
	"strings"
	"time"
)

//go:embed report.gohtml
var pageSource string

//go:embed report.css
var pageStyle string

var pageTemplate = template.Must(template.New("report").Parse(pageSource))

// WriteHTML writes the result as one self-contained page: no script, no network,
// light or dark as the reader's system is, fit for print and for a phone. A result
// that contradicts itself is refused with [ErrInvalid] and nothing is written.
func WriteHTML(w io.Writer, r Result) error {
	r, err := r.ready()
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := pageTemplate.Execute(&b, newPage(r)); err != nil {
		return fmt.Errorf("render the report of %s: %w", r.Scenario, err)
	}
	if _, err := w.Write(b.Bytes()); err != nil {
		return fmt.Errorf("write the report of %s: %w", r.Scenario, err)
	}
	return nil
}

// page is what the template sees.
type page struct {
	Result
	Style    template.CSS
	Class    string
	Rows     []criterionRow
	NotOK    []criterionRow
	Drawings []drawing
	Facts    []fact
	Modules  []fact
}

type criterionRow struct {
	Judgement
	Class   string
	HowNote string
}

type drawing struct {
	Chart
	Wide, Narrow template.HTML
	Legend       []legendEntry
}

type fact struct{ Name, Value string }

func newPage(r Result) page {
	p := page{
		Result: r,
		Style:  template.CSS(pageStyle), // a constant of this package
		Class:  class(string(r.Decision)),
		Facts:  facts(r),
	}
	for _, j := range r.Judgements {
		row := criterionRow{Judgement: j, Class: class(string(j.Verdict)), HowNote: howNote(j)}
		p.Rows = append(p.Rows, row)
		if j.Verdict != Pass {
			p.NotOK = append(p.NotOK, row)
		}
	}
	for _, c := range r.Charts {
		p.Drawings = append(p.Drawings, drawing{
			Chart: c, Wide: wideFrame.draw(c), Narrow: narrowFrame.draw(c), Legend: c.legend(),
		})
	}
	for _, path := range slices.Sorted(maps.Keys(r.Build.Modules)) {
		p.Modules = append(p.Modules, fact{path, r.Build.Modules[path]})
	}
	return p
}

// class returns the style class of a verdict or decision: "pass", "no-data".
func class(verdict string) string {
	return strings.ReplaceAll(strings.ToLower(verdict), " ", "-")
}

// howNote says what the value rests on.
func howNote(j Judgement) string {
	var parts []string
	if j.Measurement.Samples > 1 && j.valued() {
		parts = append(parts, Format(float64(j.Measurement.Samples), "")+" samples")
	}
	if j.Measurement.Note != "" {
		parts = append(parts, j.Measurement.Note)
	}
	return strings.Join(parts, "; ")
}

// facts lists what was run, when and where; what is not known is left out.
func facts(r Result) []fact {
	commit := r.Build.Commit
	if r.Build.Dirty {
		commit += " with local changes"
	}
	all := []fact{
		{"Scenario", r.Scenario},
		{"Stage under test", r.Stage},
		{"Compared with", r.Baseline},
		{"Load profile", r.Profile},
		{"Seed", fmt.Sprint(r.Seed)},
		{"Clock", r.Clock},
		{"Started", instant(r.Started)},
		{"Finished", instant(r.Finished)},
		{"Duration", ""},
		{"Commit", commit},
		{"Go", r.Build.Go},
		{"Machine", machine(r.Build)},
	}
	if took := r.took(); took > 0 {
		all[8].Value = duration(took)
	}
	return slices.DeleteFunc(all, func(f fact) bool { return f.Value == "" })
}

func instant(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02 15:04:05 UTC")
}

func machine(b Build) string {
	if b.OS == "" {
		return ""
	}
	return fmt.Sprintf("%s/%s, %d CPUs", b.OS, b.Arch, b.CPUs)
}
