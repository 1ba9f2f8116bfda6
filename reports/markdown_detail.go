package reports

import "fmt"

// detailBlocks returns what is collapsed: how each figure was got, the notes, the
// tables, and what was run where.
func detailBlocks(r Result) []markdownBlock {
	blocks := []markdownBlock{figureDetails(r), noteDetails(r)}
	for _, t := range r.Tables {
		if len(t.Columns) > 0 {
			blocks = append(blocks, tableDetails(r, t))
		}
	}
	return append(blocks, runDetails(r))
}

// collapsed is a block that is collapsed under a title.
func collapsed(r Result, title string) markdownBlock {
	name := markdownText(r.Scenario) + ": " + markdownText(title)
	return markdownBlock{
		rank: rankDetail, what: name, of: "lines",
		head: "<details><summary>" + name + "</summary>\n\n",
		tail: "\n</details>\n",
	}
}

func figureDetails(r Result) markdownBlock {
	b := collapsed(r, "What the figures rest on")
	b.head += "| Criterion | Requirement | Metric | Samples | Note | Evidence |\n| :-- | :-- | :-- | --: | :-- | :-- |\n"
	for _, j := range r.Judgements {
		samples := Format(float64(j.Measurement.Samples), "")
		b.lines = append(b.lines, markdownRow(j.ID, j.Requirement, j.MeasuredAs(), samples, j.Measurement.Note, j.Measurement.Evidence))
	}
	return b
}

func noteDetails(r Result) markdownBlock {
	b := collapsed(r, "Notes")
	for _, note := range r.Notes {
		b.lines = append(b.lines, "- Note: "+markdownText(note))
	}
	return b
}

func tableDetails(r Result, t Table) markdownBlock {
	b := collapsed(r, t.Title)
	if t.How != "" {
		b.head += fmt.Sprintf("The figures are %s.\n\n", markdownText(string(t.How)))
	}
	if t.Note != "" {
		b.head += "Note: " + markdownText(t.Note) + "\n\n"
	}
	heads := make([]string, len(t.Columns))
	rule := "|"
	for i, c := range t.Columns {
		heads[i] = c.Name
		if c.Align == AlignRight {
			rule += " --: |"
		} else {
			rule += " :-- |"
		}
	}
	b.head += markdownRow(heads...) + "\n" + rule + "\n"
	for _, row := range t.Rows {
		b.lines = append(b.lines, markdownRow(row...))
	}
	return b
}

func runDetails(r Result) markdownBlock {
	b := collapsed(r, "What was run, and where")
	b.head += "| What | Which |\n| :-- | :-- |\n"
	for _, f := range facts(r) {
		b.lines = append(b.lines, markdownRow(f.Name, f.Value))
	}
	for _, in := range r.Inputs {
		b.lines = append(b.lines, markdownRow("SHA-256 of "+in.Name, in.SHA256))
	}
	if n := len(r.Charts); n > 0 {
		b.lines = append(b.lines, markdownRow("Charts", fmt.Sprintf("%d, in %s", n, ReportFile)))
	}
	return b
}
