package reports

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// The widths of characters in pixels at the charts' font size of 12, as the widest
// of the usual system fonts (DejaVu Sans) draws them. A text is never wider than
// the sum of them by much, so that what is laid out by it is not cut off.
const (
	glyph       = 7.8
	glyphSlim   = 5.0
	glyphBroad  = 10.0
	glyphHuge   = 12.0
	glyphSquare = 13.0
	lineHeight  = 15.0
)

// textWidth estimates the width of a text in pixels, rather too much than too little.
func textWidth(text string) float64 {
	width := 0.0
	for _, r := range text {
		switch {
		case strings.ContainsRune("ijlI.,:;'|![]()- ", r):
			width += glyphSlim
		case r >= 0x1100: // scripts whose characters fill a square
			width += glyphSquare
		case strings.ContainsRune("mMW@%", r):
			width += glyphHuge
		case strings.ContainsRune("w<>=+", r), unicode.IsUpper(r):
			width += glyphBroad
		default:
			width += glyph
		}
	}
	return width
}

// wrapPixels breaks a text into lines that are not wider than width pixels, if any
// break does that.
func wrapPixels(text string, width float64) []string {
	text = printable(text)
	for n := utf8.RuneCountInString(text); n > 1; n-- {
		lines := wrap(text, n)
		if widest(lines) <= width {
			return lines
		}
	}
	return wrap(text, 1)
}

// widest returns the width of the widest text.
func widest(texts []string) float64 {
	width := 0.0
	for _, text := range texts {
		width = max(width, textWidth(text))
	}
	return width
}
