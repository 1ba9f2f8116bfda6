package reports

import (
	"fmt"
	"strings"
	"unicode"
)

// maxMarkdownText is how many characters of one text are shown.
const maxMarkdownText = 2000

// zeroWidth stands between two characters that together would become a link or a
// mention. GitHub looks for those in the finished page, where neither a backslash nor
// an entity in place of the character hides them.
const zeroWidth = "&#8203;"

// markdownText returns text that reads the same in GitHub's Markdown, in a table cell,
// and in HTML: on one line, without control characters, every character that could
// start markup as an entity, and whatever could become a link, a mention or an emoji
// broken by a character of no width: @name, #12, GH-12, https://, www., :name:. Only
// the hash of a commit may still become a link, to that commit.
//
// A text at the start of a line could still start a list; callers put something
// before it. See https://github.github.com/gfm/ and
// https://docs.github.com/en/get-started/writing-on-github.
func markdownText(text string) string {
	runes := []rune(strings.Join(strings.Fields(printable(cut(text, maxMarkdownText))), " "))
	at := func(i int) rune {
		if i < 0 || i >= len(runes) {
			return ' '
		}
		return runes[i]
	}
	var b strings.Builder
	for i, r := range runes {
		between := func(kind func(rune) bool) bool { return kind(at(i-1)) && kind(at(i+1)) }
		switch {
		case strings.ContainsRune("&<>|*`~[]\\$", r), r == '_' && !between(isWord):
			fmt.Fprintf(&b, "&#%d;", r)
		case r == '@' || r == '#' || r == ':' && at(i+1) != ' ' && !between(unicode.IsDigit):
			b.WriteRune(r)
			b.WriteString(zeroWidth)
		case r == '-' && foldsTo(runes[max(0, i-2):i], "gh"), r == '.' && foldsTo(runes[max(0, i-3):i], "www"):
			b.WriteString(zeroWidth)
			b.WriteRune(r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// cut returns text with at most n characters, the last of them "…" where there were more.
func cut(text string, n int) string {
	last, count := 0, 0
	for i := range text {
		if count == n {
			return text[:last] + "…"
		}
		last, count = i, count+1
	}
	return text
}

func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

func foldsTo(runes []rune, word string) bool { return strings.EqualFold(string(runes), word) }

// markdownRow returns one row of a table, of cells that are plain text.
func markdownRow(cells ...string) string {
	escaped := make([]string, len(cells))
	for i, cell := range cells {
		escaped[i] = markdownText(cell)
	}
	return markdownCells(escaped...)
}

// markdownCells returns one row of a table, of cells that are Markdown.
func markdownCells(cells ...string) string { return "| " + strings.Join(cells, " | ") + " |" }
