package attest

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"unicode"

	"tollgate/reports"
)

// MaxFileBytes caps a file that is attested; it is digested, not held in memory.
// Results have the lower cap of [reports.MaxResultBytes].
const MaxFileBytes = 1 << 30

// nameFlaw returns what keeps a name from being that of a subject, or "": it must lead to
// a file in or below the statement's folder, in one way only, and be fit to print.
func nameFlaw(name string) string {
	switch {
	case name == "" || name == ".":
		return "it names no file"
	case strings.Contains(name, `\`):
		return "it has a backslash"
	case strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) || r == unicode.ReplacementChar }):
		return "it has characters that cannot be printed"
	case !filepath.IsLocal(filepath.FromSlash(name)):
		return "it leaves the folder of the statement"
	case path.Clean(name) != name:
		return "it is not the shortest name of its file"
	default:
		return ""
	}
}

// isResult reports whether a subject must be a sound result.json: those that say so, and
// those of that name, so that no failed one passes as a mere file.
func (d Descriptor) isResult() bool {
	return d.MediaType == ResultMediaType || path.Base(d.Name) == reports.ResultFile
}

// digestFile returns the SHA-256 of a regular file under root in hexadecimal. Its errors
// do not name the file.
func digestFile(root *os.Root, name string) (string, error) {
	sum := sha256.New()
	if err := readFile(root, name, MaxFileBytes, sum); err != nil {
		return "", err
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// digestResult reads a result and digests the very bytes it was read from.
func digestResult(root *os.Root, name string) (string, []byte, error) {
	sum := sha256.New()
	var b bytes.Buffer
	if err := readFile(root, name, reports.MaxResultBytes, io.MultiWriter(sum, &b)); err != nil {
		return "", nil, err
	}
	return hex.EncodeToString(sum.Sum(nil)), b.Bytes(), nil
}

func readFile(root *os.Root, name string, limit int64, w io.Writer) error {
	local := filepath.FromSlash(name)
	info, err := root.Stat(local) // before Open, which waits for the other end of a pipe
	if err != nil {
		return bare(err)
	}
	if !info.Mode().IsRegular() {
		return errors.New("it is not a regular file")
	}
	if info.Size() > limit {
		return fmt.Errorf("it has more than %d bytes", limit)
	}
	file, err := root.Open(local)
	if err != nil {
		return bare(err)
	}
	defer file.Close()
	n, err := io.Copy(w, io.LimitReader(file, limit+1))
	if err != nil {
		return bare(err)
	}
	if n > limit { // it grew
		return fmt.Errorf("it has more than %d bytes", limit)
	}
	return nil
}

// bare takes the operation and the path off a file error.
func bare(err error) error {
	var file *fs.PathError
	if errors.As(err, &file) {
		return file.Err
	}
	return err
}
