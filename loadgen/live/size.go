package live

import (
	"io"
	"os"
)

// defaultSize is that of a terminal that does not tell: the VT100's.
var defaultSize = Size{Columns: 80, Rows: 24}

// sizeOf asks the terminal that w is.
func sizeOf(w io.Writer) Size {
	file, ok := w.(*os.File)
	if !ok {
		return defaultSize
	}
	size, ok := terminalSize(file)
	if !ok || size.Columns < 1 || size.Rows < 1 {
		return defaultSize
	}
	return size
}
