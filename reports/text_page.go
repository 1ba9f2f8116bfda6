package reports

import (
	"fmt"
	"io"
)

// bounded returns the options with a width within bounds.
func (o TerminalOptions) bounded() TerminalOptions {
	if o.Width == 0 {
		o.Width = DefaultWidth
	}
	o.Width = max(minWidth, min(o.Width, maxWidth))
	return o
}

// TextPage collects text in the style of [WriteTerminal], for what is drawn from
// several results. Control characters are not passed on. It is not safe for
// concurrent use.
type TextPage struct{ t terminal }

// NewTextPage returns an empty page.
func NewTextPage(o TerminalOptions) *TextPage { return &TextPage{t: terminal{options: o.bounded()}} }

// Paragraph adds head and text, wrapped, and the head in the colour of a verdict; an
// empty head has none.
func (p *TextPage) Paragraph(head string, colour Verdict, text string) {
	p.t.paragraph(head, string(colour), text)
}

// Blank adds an empty line.
func (p *TextPage) Blank() { p.t.line("") }

// Table adds a table without its title and note. The first column wraps to the room
// that the others leave; cells that read like a key of colours get that colour.
func (p *TextPage) Table(table Table, colours map[string]Verdict) {
	if len(table.Columns) == 0 {
		return
	}
	all := make([]*column, len(table.Columns))
	for i, c := range table.Columns {
		all[i] = &column{head: c.Name, right: c.Align == AlignRight}
		for _, row := range table.Rows {
			all[i].cells = append(all[i].cells, row[i])
		}
	}
	p.t.grid(all[0], all[1:], func(i int) (string, Verdict) {
		for _, cell := range table.Rows[i] {
			if colour, ok := colours[cell]; ok {
				return cell, colour
			}
		}
		return "", ""
	})
}

// Write writes the page at once.
func (p *TextPage) Write(w io.Writer) error {
	if _, err := w.Write(p.t.out.Bytes()); err != nil {
		return fmt.Errorf("write the page: %w", err)
	}
	return nil
}
