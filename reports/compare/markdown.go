package compare

import (
	"fmt"
	"io"
	"strings"
	"unicode"

	"tollgate/reports"
)

// WriteMarkdown writes the comparison as GitHub-flavoured Markdown, for a comment or
// the summary of a CI job. Text from the results is escaped.
func WriteMarkdown(w io.Writer, c Comparison) error {
	var b strings.Builder
	head, _ := c.outcome()
	fmt.Fprintf(&b, "### %s: %s\n\n%s.\n\n", head, escape(c.heading()), escape(capital(c.Summary())))
	fmt.Fprintf(&b, "- before: %s\n- after: %s\n", escape(c.Before.text()), escape(c.After.text()))
	for _, caveat := range c.Caveats {
		fmt.Fprintf(&b, "- **caveat**: %s\n", escape(caveat.String()))
	}
	if len(c.Metrics) > 0 {
		b.WriteString("\n")
		table(&b, c.table())
	}
	c.list(&b)
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("comparison of %s: %w", c.Scenario, err)
	}
	return nil
}

// list writes what the table does not tell, if there is any.
func (c Comparison) list(b *strings.Builder) {
	var items []string
	for _, m := range c.Metrics {
		if m.Verdict == Worse || m.Verdict == Unknown {
			items = append(items, fmt.Sprintf("- **%s** %s\n", m.verdictText(), escape(m.sentence())))
		}
	}
	for _, t := range c.Criteria {
		switch {
		case t.Regression:
			items = append(items, fmt.Sprintf("- **%s** %s\n", regressionText, escape(t.sentence())))
		case t.Changed():
			items = append(items, fmt.Sprintf("- criterion %s\n", escape(t.sentence())))
		}
	}
	if len(items) > 0 {
		b.WriteString("\n" + strings.Join(items, ""))
	}
}

// table writes a table with regressions in bold.
func table(b *strings.Builder, t reports.Table) {
	rule := ""
	for _, c := range t.Columns {
		b.WriteString("| " + escape(c.Name) + " ")
		if c.Align == reports.AlignRight {
			rule += "| ---: "
		} else {
			rule += "| --- "
		}
	}
	b.WriteString("|\n" + rule + "|\n")
	for _, row := range t.Rows {
		for _, cell := range row {
			if cell = escape(cell); cell == regressionText {
				cell = "**" + cell + "**"
			}
			b.WriteString("| " + cell + " ")
		}
		b.WriteString("|\n")
	}
}

// escape returns text on one line that Markdown shows as it is.
func escape(text string) string {
	var b strings.Builder
	for _, r := range text {
		switch {
		case r == '\n', r == '\t', r == '\r':
			b.WriteByte(' ')
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r):
		case r == '<':
			b.WriteString("&lt;")
		case r == '&':
			b.WriteString("&amp;")
		case strings.ContainsRune("\\`*_[]|~#@", r):
			b.WriteByte('\\')
			b.WriteRune(r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

func capital(text string) string {
	if text == "" {
		return ""
	}
	return strings.ToUpper(text[:1]) + text[1:]
}
