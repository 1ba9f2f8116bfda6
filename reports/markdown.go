package reports

import (
	"fmt"
	"io"
)

// MaxMarkdownBytes bounds what [WriteMarkdown] writes. It is what a comment on GitHub
// may have (65,536 characters); a step summary may have [MaxStepSummaryBytes].
const MaxMarkdownBytes = 65_536

// WriteMarkdown writes the results in GitHub's flavour of Markdown, for a pull
// request: the decision of each scenario first; then for each the table of its
// criteria and the reasons of all that did not pass; the rest is collapsed.
//
// Whatever text is in a result reads as that text: it starts no markup, no HTML and
// no link, and mentions nobody (see [markdownText]); what is longer than
// [maxMarkdownText] characters is cut, with a "…" at its end. What does not fit
// into [MaxMarkdownBytes] is left out, whole lines at a time, and the last
// sentence says what: decisions go first, then tables, reasons and the rest.
//
// The same results give the same bytes. No result at all, or one that contradicts
// itself, is [ErrInvalid] and nothing is written.
func WriteMarkdown(w io.Writer, results ...Result) error {
	results, err := readyAll(results)
	if err != nil {
		return fmt.Errorf("write Markdown: %w", err)
	}
	if _, err := io.WriteString(w, markdown(results, MaxMarkdownBytes)); err != nil {
		return fmt.Errorf("write Markdown: %w", err)
	}
	return nil
}

// markdown renders results that are ready in at most limit bytes.
func markdown(results []Result, limit int) string {
	d := markdownDocument{title: "## Tollgate: " + markdownTitle(results) + "\n"}
	d.add(decisionLines(results))
	for _, r := range results {
		d.add(criteriaTable(r))
		d.add(reasonLines(r))
		for _, block := range detailBlocks(r) {
			d.add(block)
		}
	}
	return d.render(limit)
}

// markdownTitle says how many of the scenarios passed.
func markdownTitle(results []Result) string {
	passed := 0
	for _, r := range results {
		if r.Decision == DecisionPass {
			passed++
		}
	}
	switch n := len(results); {
	case n == 1 && passed == 1:
		return "passed"
	case n == 1:
		return "not passed"
	case passed == n:
		return fmt.Sprintf("all %d scenarios passed", n)
	default:
		return fmt.Sprintf("%d of %d scenarios did not pass", n-passed, n)
	}
}

func decisionLines(results []Result) markdownBlock {
	b := markdownBlock{rank: rankDecision, what: "the decision", of: "scenarios"}
	for _, r := range results {
		b.lines = append(b.lines, fmt.Sprintf("- **%s** %s: %s", r.Decision, markdownText(r.Scenario), r.Summary()))
	}
	return b
}

func criteriaTable(r Result) markdownBlock {
	b := markdownBlock{rank: rankTable, what: "the table of " + markdownText(r.Scenario), of: "rows", head: "### " + markdownText(r.Heading()) + "\n"}
	if len(r.Judgements) == 0 {
		return b
	}
	b.head += "\n| What | Value | Limit | Margin | Verdict | How |\n| :-- | --: | :-- | --: | :-- | :-- |\n"
	for _, j := range r.Judgements {
		verdict := string(j.Verdict)
		if j.Verdict != Pass {
			verdict = "**" + verdict + "**"
		}
		b.lines = append(b.lines, markdownCells(markdownText(j.Text), markdownText(j.ValueText()), markdownText(j.LimitText()),
			markdownText(j.MarginText()), verdict, markdownText(j.HowText())))
	}
	return b
}

func reasonLines(r Result) markdownBlock {
	b := markdownBlock{
		rank: rankReason, what: "why " + markdownText(r.Scenario) + " did not pass", of: "reasons",
		head: "**" + markdownText(r.Scenario) + ": what did not pass**\n\n",
	}
	for _, j := range r.Judgements {
		if j.Verdict != Pass {
			b.lines = append(b.lines, fmt.Sprintf("- **%s** %s: %s (%s, %s)", j.Verdict,
				markdownText(j.Text), markdownText(j.explanation()), markdownText(j.ID), markdownText(j.Requirement)))
		}
	}
	return b
}
