//go:build !unix

package reports

import "os"

// terminalWidth returns [DefaultWidth] for a character device; ok is false when f
// is none.
func terminalWidth(f *os.File) (width int, ok bool) {
	info, err := f.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return 0, false
	}
	return DefaultWidth, true
}
