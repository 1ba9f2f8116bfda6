package reports

import (
	"strings"
	"unicode/utf8"
)

const (
	gutter = "  "
	// minTextWidth is the least a criterion's text is squeezed to.
	minTextWidth = 16
	// narrowWidth is the width below which "how" stands behind the text instead of
	// in a column of its own.
	narrowWidth = 72
)

// column is one column of the terminal table.
type column struct {
	head  string
	right bool
	width int
	cells []string
}

func (c *column) fit() {
	c.width = utf8.RuneCountInString(c.head)
	for i, cell := range c.cells {
		c.cells[i] = printable(cell)
		c.width = max(c.width, utf8.RuneCountInString(c.cells[i]))
	}
}

// table writes the criteria, one row each; the first column takes the room that
// the others leave and wraps.
func (t *terminal) table(judgements []Judgement) {
	text, rest := columns(judgements)
	if t.options.Width < narrowWidth {
		for i, how := range rest[len(rest)-1].cells {
			if how != "" {
				text.cells[i] += " (" + how + ")"
			}
		}
		rest = rest[:len(rest)-1]
	}
	t.grid(text, rest, func(i int) (cell string, verdict Verdict) {
		return string(judgements[i].Verdict), judgements[i].Verdict
	})
}

// grid writes columns under their heads and a rule. Of each row, the cells that
// read as mark says are in the colour of a verdict.
func (t *terminal) grid(text *column, rest []*column, mark func(row int) (cell string, verdict Verdict)) {
	room := t.options.Width
	for _, c := range rest {
		c.fit()
		room -= c.width + len(gutter)
	}
	text.fit()
	text.width = max(minTextWidth, min(text.width, room))

	t.line(t.row(pad(text.head, text.width, false), rest, func(c *column) string { return c.head }, "", ""))
	rule := strings.Repeat("-", text.width)
	for _, c := range rest {
		rule += gutter + strings.Repeat("-", c.width)
	}
	t.line(rule)
	for i := range text.cells {
		lines := wrap(text.cells[i], text.width)
		cell, verdict := mark(i)
		t.line(t.row(pad(lines[0], text.width, false), rest, func(c *column) string { return c.cells[i] }, cell, verdict))
		for _, line := range lines[1:] {
			t.line(line)
		}
	}
}

func (t *terminal) row(first string, rest []*column, cell func(*column) string, mark string, verdict Verdict) string {
	var b strings.Builder
	b.WriteString(first)
	for _, c := range rest {
		text := cell(c)
		padded := pad(text, c.width, c.right)
		if mark != "" && text == mark {
			padded = strings.Replace(padded, text, t.paint(text, string(verdict)), 1)
		}
		b.WriteString(gutter + padded)
	}
	return b.String()
}

func columns(judgements []Judgement) (text *column, rest []*column) {
	text = &column{head: "Criterion"}
	value := &column{head: "Value", right: true}
	limit := &column{head: "Limit"}
	verdict := &column{head: "Verdict"}
	how := &column{head: "How"}
	for _, j := range judgements {
		text.cells = append(text.cells, j.Text)
		value.cells = append(value.cells, j.ValueText())
		limit.cells = append(limit.cells, j.LimitText())
		verdict.cells = append(verdict.cells, string(j.Verdict))
		how.cells = append(how.cells, j.HowText())
	}
	return text, []*column{value, limit, verdict, how}
}
