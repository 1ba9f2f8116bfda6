package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"tollgate/fakes/upstash/engine"
	"tollgate/fakes/upstash/resp"
)

// A data file is what engine.Embedded dumps, followed by one more command that echoes the SHA-256 of all before it.
// Like the dump it is one that any Redis takes, through redis-cli --pipe.
const checksumName = "sha256:"

// damagedError is a data file that cannot be loaded.
type damagedError struct {
	file   string
	offset int64 // how far it could be read, in bytes
	err    error
}

func (e *damagedError) Error() string {
	return fmt.Sprintf("the data in %s is damaged, at about byte %d: %v; the file is left as it is: "+
		"move it away to start empty, or put a copy in its place", e.file, e.offset, e.err)
}

func (e *damagedError) Unwrap() error { return e.err }

var (
	errNoChecksum  = errors.New("its checksum is missing")
	errBadChecksum = errors.New("its checksum is another's: something in it was changed")
	errMore        = errors.New("there is more after its end")
)

// load fills the engine from the file, if there is one. It also makes sure that the file can be saved later.
func load(e *engine.Embedded, file string) error {
	probe, err := os.CreateTemp(filepath.Dir(file), tempPattern(file))
	if err != nil {
		return fmt.Errorf("no data can be kept in %s: %w; make its folder writable, or choose another with --data", file, err)
	}
	if err := errors.Join(probe.Close(), os.Remove(probe.Name())); err != nil {
		return fmt.Errorf("no data can be kept in %s: %w", file, err)
	}
	in, err := os.Open(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("cannot read the data: %w", err)
	}
	defer in.Close()
	if info, err := in.Stat(); err != nil || !info.Mode().IsRegular() {
		return errors.Join(err, fmt.Errorf("no data can be kept in %s: it is not a file; choose another with --data", file))
	}
	commands := resp.NewCommandReader(in, resp.Limits{})
	if err = e.LoadFrom(commands); err == nil {
		err = checkEnd(commands, in)
	}
	if err != nil {
		return &damagedError{file: file, offset: commands.Consumed(), err: err}
	}
	return nil
}

// checkEnd reads what follows the dump, and holds it against all before it.
func checkEnd(commands *resp.CommandReader, file io.ReaderAt) error {
	end := commands.Consumed()
	echo, err := commands.Next()
	if err != nil || len(echo.Words) != 2 {
		return errNoChecksum
	}
	said := string(echo.Words[1])
	if _, err := commands.Next(); !errors.Is(err, io.EOF) {
		return errMore
	}
	sum := sha256.New()
	if _, err := io.Copy(sum, io.NewSectionReader(file, 0, end)); err != nil {
		return err
	}
	if said != checksumName+hex.EncodeToString(sum.Sum(nil)) {
		return errBadChecksum
	}
	return nil
}

// save writes the engine's data to the file, all of it or nothing: it is written beside it, brought to the disk, and
// then put in its place. Only its owner may read it.
func save(e *engine.Embedded, file string) (err error) {
	out, err := os.CreateTemp(filepath.Dir(file), tempPattern(file))
	if err != nil {
		return fmt.Errorf("%w; %s is as it was before", err, file)
	}
	defer func() {
		if err != nil {
			err = fmt.Errorf("%w; %s is as it was before", errors.Join(err, out.Close(), os.Remove(out.Name())), file)
		}
	}()
	sum := sha256.New()
	if err := e.Dump(io.MultiWriter(out, sum)); err != nil {
		return err
	}
	echo := resp.AppendCommand(nil, []byte("ECHO"), []byte(checksumName+hex.EncodeToString(sum.Sum(nil))))
	if _, err := out.Write(echo); err != nil {
		return err
	}
	if err := out.Sync(); err != nil {
		return err
	}
	if err := os.Rename(out.Name(), file); err != nil {
		return err
	}
	return errors.Join(out.Close(), syncFolder(filepath.Dir(file)))
}

// syncFolder brings a folder's names to the disk.
func syncFolder(name string) error {
	folder, err := os.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

// tempPattern names what is written beside the file.
func tempPattern(file string) string { return "." + filepath.Base(file) + ".*" }
