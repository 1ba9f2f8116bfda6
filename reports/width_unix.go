//go:build unix

package reports

import (
	"os"

	"golang.org/x/sys/unix"
)

// terminalWidth returns how many characters a line of the terminal has; ok is
// false when f is no terminal.
func terminalWidth(f *os.File) (width int, ok bool) {
	size, err := unix.IoctlGetWinsize(int(f.Fd()), unix.TIOCGWINSZ)
	if err != nil {
		return 0, false
	}
	if size.Col == 0 {
		return DefaultWidth, true
	}
	return int(size.Col), true
}
