//go:build unix

package live

import (
	"os"

	"golang.org/x/sys/unix"
)

// terminalSize is false where f is no terminal.
func terminalSize(f *os.File) (Size, bool) {
	size, err := unix.IoctlGetWinsize(int(f.Fd()), unix.TIOCGWINSZ)
	if err != nil {
		return Size{}, false
	}
	return Size{Columns: int(size.Col), Rows: int(size.Row)}, true
}
