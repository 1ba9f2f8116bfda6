package reports

import (
	"fmt"
	"strings"
)

// The ranks of blocks, from what is shown first when there is not room for all.
const (
	rankDecision = iota
	rankTable
	rankReason
	rankDetail
	ranks
)

// markdownBlock is lines that stand together. They can be cut at the end.
type markdownBlock struct {
	rank       int
	what, of   string // names the block and its lines in the sentence on what was left out
	head, tail string // whole lines before and after them
	lines      []string

	shown bool
	fit   int // how many of the lines are shown
}

// markdownDocument is a title and blocks, an empty line between them.
type markdownDocument struct {
	title  string
	blocks []markdownBlock
}

// add appends a block; one without any text is nothing.
func (d *markdownDocument) add(b markdownBlock) {
	if len(b.lines) > 0 || b.rank == rankTable {
		d.blocks = append(d.blocks, b)
	}
}

// leftOutBytes is the room kept for the sentence that says what was left out.
const leftOutBytes = 512

// render returns the document in at most limit bytes, as far as the title and the
// sentence on what was left out allow.
func (d *markdownDocument) render(limit int) string {
	if d.place(limit) {
		return d.text("")
	}
	d.place(limit - leftOutBytes)
	return d.text(d.leftOut(limit))
}

// place decides which lines are shown in room bytes, by rank, and reports whether
// these are all.
func (d *markdownDocument) place(room int) bool {
	room -= len(d.title)
	all := true
	for rank := range ranks {
		for i := range d.blocks {
			if b := &d.blocks[i]; b.rank == rank {
				room = b.place(room)
				all = all && b.shown && b.fit == len(b.lines)
			}
		}
	}
	return all
}

// place shows as many lines as room allows and returns what remains of it.
func (b *markdownBlock) place(room int) int {
	b.shown, b.fit = false, 0
	left := room - len("\n") - len(b.head) - len(b.tail)
	if left < 0 {
		return room
	}
	for b.fit < len(b.lines) && left > len(b.lines[b.fit]) {
		left -= len(b.lines[b.fit]) + len("\n")
		b.fit++
	}
	if b.fit == 0 && len(b.lines) > 0 {
		return room
	}
	b.shown = true
	return left
}

func (d *markdownDocument) text(end string) string {
	var b strings.Builder
	b.WriteString(d.title)
	for _, block := range d.blocks {
		if !block.shown {
			continue
		}
		b.WriteString("\n" + block.head)
		for _, line := range block.lines[:block.fit] {
			b.WriteString(line + "\n")
		}
		b.WriteString(block.tail)
	}
	b.WriteString(end)
	return b.String()
}

// leftOut says what is not shown, in at most leftOutBytes.
func (d *markdownDocument) leftOut(limit int) string {
	head := fmt.Sprintf("\n_Left out, for there is room for %s bytes only: ", Format(float64(limit), ""))
	tail := fmt.Sprintf(". %s has all of it._\n", ResultFile)
	var parts []string
	room := leftOutBytes - len(head) - len(tail)
	blocks, lines := 0, 0
	for _, b := range d.blocks {
		missing := len(b.lines) - b.fit
		if b.shown && missing == 0 {
			continue
		}
		part := fmt.Sprintf("%s (%s of %s %s)", b.what, Format(float64(missing), ""), Format(float64(len(b.lines)), ""), b.of)
		room -= len(part) + len(", ")
		// Keep room for the number of those that are not named.
		if blocks > 0 || room < len(" and 1,000,000 lines of 1,000,000 other parts") {
			blocks, lines = blocks+1, lines+missing
			continue
		}
		parts = append(parts, part)
	}
	if blocks > 0 {
		parts = append(parts, fmt.Sprintf("%s lines of %s other parts", Format(float64(lines), ""), Format(float64(blocks), "")))
	}
	return head + strings.Join(parts, ", ") + tail
}
