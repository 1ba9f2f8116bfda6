package reports

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io"
)

//go:embed report.css
var pageStyle string

//go:embed parts.gohtml report.gohtml page.gohtml
var pageSources embed.FS

var pageTemplate = newPageTemplate("report.gohtml")

// newPageTemplate returns the template of a page that is put together from the
// blocks of parts.gohtml: head, decision, criteria, chart, table, facts.
func newPageTemplate(file string) *template.Template {
	return template.Must(template.New(file).ParseFS(pageSources, file, "parts.gohtml"))
}

// WriteHTML writes the result as one self-contained page: no script, no network,
// light or dark as the reader's system is, fit for print and for a phone. A result
// that contradicts itself is refused with [ErrInvalid] and nothing is written.
func WriteHTML(w io.Writer, r Result) error {
	r, err := r.Ready()
	if err != nil {
		return err
	}
	v, err := newResultView(r)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := pageTemplate.Execute(&b, reportPage{document{title(r)}, v}); err != nil {
		return fmt.Errorf("render the report of %s: %w", r.Scenario, err)
	}
	if _, err := w.Write(b.Bytes()); err != nil {
		return fmt.Errorf("write the report of %s: %w", r.Scenario, err)
	}
	return nil
}

// document is what the block "head" of any page needs.
type document struct{ PageTitle string }

// Style is the style sheet, a constant of this package.
func (document) Style() template.CSS { return template.CSS(pageStyle) }

// reportPage is what report.gohtml sees.
type reportPage struct {
	document
	resultView
}

func title(r Result) string {
	text := fmt.Sprintf("%s: %s", r.Decision, r.Scenario)
	if r.Title != "" {
		text += ", " + r.Title
	}
	return text
}
