package reports

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"io"
)

// Page is a page of several results, or of what was made from them, in the style of [WriteHTML]: self-contained, without
// script or network, for screen, phone and print.
type Page struct {
	// Eyebrow is the small line above the heading, Title the heading, Lead a sentence beneath it; Eyebrow and Lead may be empty.
	Eyebrow, Title, Lead string
	// Word is the decision, Verdict how it looks, Sentence why; an empty Word leaves the box out.
	Word     string
	Verdict  Verdict
	Sentence string
	// Sections are in the order of the page. The first Boxed ones stand in the decision's box.
	Sections []Section
}

// Section is a part of a [Page] with a heading. What is empty is left out; the order is that of the fields.
type Section struct {
	Title string
	Boxed bool
	Text  string
	Items []Item
	// Tables, Charts and Histograms are drawn as in the page of a result.
	Tables     []Table
	Charts     []Chart
	Histograms []Histogram
	// Judgements are shown as the table of criteria of Scenario.
	Scenario   string
	Judgements []Judgement
	// Folded hides the section's content until it is opened; it is printed all the same.
	Folded bool
	// Signatures are the roles that sign, each with room for a name and a date.
	Signatures []Signature
}

// Signature is room for one: who signs, and what they sign for.
type Signature struct{ Role, Text string }

// Item is an entry of a list: Label, such as a scenario's name, and Text.
type Item struct{ Label, Text string }

// WritePage writes the page. A histogram that cannot be read and judgements that contradict themselves are errors that wrap
// [ErrInvalid], and nothing is written then.
func WritePage(w io.Writer, p Page) error {
	v := pageView{document: document{p.Title}, Page: p, Class: class(string(p.Verdict))}
	for _, s := range p.Sections {
		view, err := newSectionView(s)
		if err != nil {
			return fmt.Errorf("section %q: %w", s.Title, err)
		}
		v.Views = append(v.Views, view)
	}
	var b bytes.Buffer
	if err := severalTemplate.Execute(&b, v); err != nil {
		return fmt.Errorf("render the page %q: %w", p.Title, err)
	}
	if _, err := w.Write(b.Bytes()); err != nil {
		return fmt.Errorf("write the page %q: %w", p.Title, err)
	}
	return nil
}

var severalTemplate = newPageTemplate("page.gohtml")

//go:embed page.css
var severalStyle string

// pageView is what page.gohtml sees.
type pageView struct {
	document
	Page
	Class string
	Views []sectionView
}

// Style is the style sheet of results and what these pages have beyond it.
func (pageView) Style() template.CSS { return template.CSS(pageStyle + severalStyle) } // constants of this package

type sectionView struct {
	Section
	Rows          []criterionRow
	Drawings      []drawing
	Distributions []distribution
}

func newSectionView(s Section) (sectionView, error) {
	for _, j := range s.Judgements {
		if why := j.flaw(); why != "" {
			return sectionView{}, fmt.Errorf("%w: criterion %q: %s", ErrInvalid, j.ID, why)
		}
	}
	latencies, err := distributions(s.Histograms)
	if err != nil {
		return sectionView{}, err
	}
	s.Tables = filledTables(s.Tables)
	return sectionView{
		Section: s, Rows: criterionRows(s.Judgements), Drawings: drawings(finiteCharts(s.Charts)), Distributions: latencies,
	}, nil
}
