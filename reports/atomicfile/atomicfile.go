package atomicfile

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// mode is what a finished file gets, less nothing: a report is meant to be read.
const mode = 0o644

// Pending is a file that is written but does not show under its path yet. The
// owner calls Commit or Discard; Discard after Commit does nothing.
type Pending struct {
	temp, path string
	done       bool
}

// Stage renders a file beside path and flushes it to the disk. The directory must
// exist. After an error nothing is left behind.
func Stage(path string, render func(io.Writer) error) (*Pending, error) {
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".tmp-*")
	if err != nil {
		return nil, fmt.Errorf("write %s: %w", path, err)
	}
	p := &Pending{temp: file.Name(), path: path}
	if err := errors.Join(fill(file, render), file.Close()); err != nil {
		p.Discard()
		return nil, fmt.Errorf("write %s: %w", path, err)
	}
	return p, nil
}

func fill(file *os.File, render func(io.Writer) error) error {
	w := bufio.NewWriter(file)
	if err := render(w); err != nil {
		return err
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if err := file.Chmod(mode); err != nil {
		return err
	}
	return file.Sync()
}

// Commit makes the file appear under its path, in place of a former one. After an
// error the former file is untouched.
func (p *Pending) Commit() error {
	if err := os.Rename(p.temp, p.path); err != nil {
		p.Discard()
		return fmt.Errorf("write %s: %w", p.path, err)
	}
	p.done = true
	return nil
}

// Discard removes the temporary file of a file that was not committed.
func (p *Pending) Discard() {
	if !p.done {
		p.done = true
		_ = os.Remove(p.temp) // it only ever holds a copy; there is nobody to tell
	}
}

// Write stages and commits one file.
func Write(path string, render func(io.Writer) error) error {
	p, err := Stage(path, render)
	if err != nil {
		return err
	}
	return p.Commit()
}
