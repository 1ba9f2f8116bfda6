package reports

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// isControl reports whether r would move the cursor or change colours of a
// terminal instead of being printed. Direction marks count, for they can make a
// line read otherwise than it is.
func isControl(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '\u2028' || r == '\u2029'
}

// printable returns s on one line, without control characters.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t' || r == '\r':
			return ' '
		case isControl(r):
			return -1
		default:
			return r
		}
	}, s)
}

// wrap breaks text into lines of at most width characters, between words where it
// can. It returns at least one line.
func wrap(text string, width int) []string {
	width = max(width, 1)
	var lines []string
	line := ""
	for _, word := range words(text) {
		for {
			room := width - utf8.RuneCountInString(line)
			if line != "" {
				room--
			}
			size := utf8.RuneCountInString(word)
			if size <= room {
				line = strings.TrimPrefix(line+" "+word, " ")
				break
			}
			if line != "" {
				lines, line = append(lines, line), ""
				continue
			}
			head := string([]rune(word)[:width])
			lines, word = append(lines, head), word[len(head):]
		}
	}
	return append(lines, line)
}

// words splits text at blanks, but leaves a number with its "%" and an operator
// with its number.
func words(text string) []string {
	var all []string
	for _, word := range strings.Fields(text) {
		n := len(all)
		if n > 0 && (strings.HasPrefix(word, "%") || strings.Trim(all[n-1], "<>=") == "") {
			all[n-1] += " " + word
			continue
		}
		all = append(all, word)
	}
	return all
}

// pad fills text with spaces to width characters, on the left when right is true.
func pad(text string, width int, right bool) string {
	fill := strings.Repeat(" ", max(0, width-utf8.RuneCountInString(text)))
	if right {
		return fill + text
	}
	return text + fill
}
