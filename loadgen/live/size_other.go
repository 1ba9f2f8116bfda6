//go:build !unix

package live

import "os"

// terminalSize is not known here.
func terminalSize(*os.File) (Size, bool) { return Size{}, false }
