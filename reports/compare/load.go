package compare

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"tollgate/reports"
)

// Bounds of [Load].
const (
	// MaxDepth is how many folders deep it looks; the folder itself is 0.
	MaxDepth = 8
	// MaxEntries is how many files and folders it looks at.
	MaxEntries = 100_000
	// MaxFiles is how many results it reads.
	MaxFiles = 2_000
	// MaxBytes is how much it reads of all results together.
	MaxBytes = 1 << 30
)

// ErrTooMuch is wrapped by errors about folders that are beyond the bounds of [Load].
var ErrTooMuch = errors.New("too much to read")

// Run is one result and the file it is from. Its charts and tables are dropped.
type Run struct {
	Path   string
	Result reports.Result
}

// Unreadable is a file that is no sound result.
type Unreadable struct {
	Path string `json:"path"`
	Why  string `json:"why"`
}

// Loaded is what [Load] found, in order of the paths.
type Loaded struct {
	Runs       []Run
	Unreadable []Unreadable
}

// Results returns the results of the runs.
func (l Loaded) Results() []reports.Result {
	all := make([]reports.Result, len(l.Runs))
	for i, run := range l.Runs {
		all[i] = run.Result
	}
	return all
}

// Load reads the file at path or, where that is a folder, every result.json beneath
// it. Files beneath it that are no sound results, and folders that cannot be listed,
// are listed as unreadable. An error means that path itself cannot be read, or, one
// that wraps [ErrTooMuch], that there is more than the bounds allow. Symbolic links
// beneath the folder are not followed.
func Load(path string) (Loaded, error) {
	var l Loaded
	info, err := os.Stat(path)
	if err != nil {
		return l, fmt.Errorf("cannot read %s: %w", path, cause(err))
	}
	left := int64(MaxBytes)
	if !info.IsDir() {
		result, err := read(path, &left)
		if err != nil {
			return l, fmt.Errorf("cannot read %s: %w", path, cause(err))
		}
		l.Runs = []Run{{Path: path, Result: result}}
		return l, nil
	}
	root, entries := path+string(os.PathSeparator), 0 // with the separator a link to a folder is one, too
	err = filepath.WalkDir(root, func(file string, entry fs.DirEntry, err error) error {
		if entries++; entries > MaxEntries {
			return fmt.Errorf("%w: %s has more than %d files and folders", ErrTooMuch, path, MaxEntries)
		}
		switch {
		case err != nil && file == root:
			return fmt.Errorf("cannot read %s: %w", path, cause(err))
		case err != nil:
			l.refuse(file, err)
			return nil
		case entry.IsDir() && depth(root, file) > MaxDepth:
			return fmt.Errorf("%w: %s is more than %d folders deep", ErrTooMuch, file, MaxDepth)
		case entry.Name() != reports.ResultFile || !entry.Type().IsRegular():
			return nil
		case len(l.Runs)+len(l.Unreadable) >= MaxFiles:
			return fmt.Errorf("%w: %s has more than %d results", ErrTooMuch, path, MaxFiles)
		}
		result, err := read(file, &left)
		switch {
		case errors.Is(err, ErrTooMuch):
			return err
		case err != nil:
			l.refuse(file, err)
		default:
			l.Runs = append(l.Runs, Run{Path: file, Result: result})
		}
		return nil
	})
	return l, err
}

// depth is how many folders lie between root and file, file counted.
func depth(root, file string) int {
	relative, err := filepath.Rel(root, file)
	if err != nil || relative == "." {
		return 0
	}
	return strings.Count(filepath.ToSlash(relative), "/") + 1
}

// read reads one file; left is how many bytes may still be read, less what it read.
func read(path string, left *int64) (reports.Result, error) {
	file, err := os.Open(path)
	if err != nil {
		return reports.Result{}, err
	}
	defer file.Close()
	bounded := &io.LimitedReader{R: file, N: *left}
	result, err := reports.ReadJSON(bounded)
	if *left = bounded.N; *left <= 0 {
		return reports.Result{}, fmt.Errorf("%w: the results up to %s have more than %d bytes", ErrTooMuch, path, int64(MaxBytes))
	}
	result.Charts, result.Tables = nil, nil
	return result, err
}

func (l *Loaded) refuse(path string, err error) {
	l.Unreadable = append(l.Unreadable, Unreadable{Path: path, Why: cause(err).Error()})
}

// cause is an error without the path that the message names anyway.
func cause(err error) error {
	var inner *fs.PathError
	if errors.As(err, &inner) {
		return inner.Err
	}
	return err
}
