package attest

import (
	"bytes"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"

	"tollgate/reports"
)

// Options are what [Attest] needs beside the files.
type Options struct {
	// Out is where the statement will be written. Files are named relative to its
	// folder, which must exist and hold them all.
	Out string
	// URL is an absolute URL of the run, such as that of a CI job; "" for none.
	URL string
}

// Validate returns what is wrong with the options, wrapping [ErrNotAttestable].
func (o Options) Validate() error {
	if o.Out == "" {
		return notAttestable("it is not said where the statement will be written")
	}
	if o.URL == "" {
		return nil
	}
	if u, err := url.Parse(o.URL); err != nil || !u.IsAbs() || u.Host == "" {
		return notAttestable("the URL of the run is %q: write all of it, such as https://ci.example/runs/1", o.URL)
	}
	return nil
}

// Attest makes the statement of one or more results together with other files, such as
// their report.html. Both are paths. The results are read here, from the bytes that are
// digested, with every check of [reports.ReadJSON]. A file given twice counts once.
//
// Errors wrap [ErrNotAttestable]: no result, one that is not sound or without inputs,
// results of different commits, a file that cannot be read or is outside the folder of
// o.Out. A failed result is no error: the statement then says FAILED.
func Attest(results, files []string, o Options) (Statement, error) {
	if err := o.Validate(); err != nil {
		return Statement{}, err
	}
	if len(results) == 0 {
		return Statement{}, notAttestable("there is no result: name the result.json of a run")
	}
	dir, err := filepath.Abs(filepath.Dir(o.Out))
	if err != nil {
		return Statement{}, notAttestable("%s: %w", o.Out, err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return Statement{}, notAttestable("the folder of %s: %w", o.Out, bare(err))
	}
	defer func() { _ = root.Close() }() // it was only read from
	c := collection{dir: dir, root: root, out: filepath.Base(o.Out)}
	for _, file := range results {
		if err := c.add(file, ResultMediaType); err != nil {
			return Statement{}, fmt.Errorf("%s: %w", file, err)
		}
	}
	for _, file := range files {
		if err := c.add(file, ""); err != nil {
			return Statement{}, fmt.Errorf("%s: %w", file, err)
		}
	}
	statement, err := build(c.results, c.files)
	if err != nil {
		return Statement{}, err
	}
	statement.Predicate.URL = o.URL
	return statement, nil
}

// collection is what Attest has read so far.
type collection struct {
	dir     string // absolute
	root    *os.Root
	out     string // the name of the statement
	files   []Descriptor
	results []reports.Result
}

func (c *collection) add(file, mediaType string) error {
	abs, err := filepath.Abs(file)
	if err != nil {
		return notAttestable("%w", err)
	}
	rel, err := filepath.Rel(c.dir, abs)
	if err != nil {
		return notAttestable("%w", err)
	}
	d := Descriptor{Name: filepath.ToSlash(rel), MediaType: mediaType}
	if flaw := nameFlaw(d.Name); flaw != "" {
		return notAttestable("its name from the folder of the statement is %q: %s", d.Name, flaw)
	}
	if slices.ContainsFunc(c.files, func(other Descriptor) bool { return other.Name == d.Name }) {
		return nil
	}
	if d.Name == c.out {
		return notAttestable("it is where the statement will be written")
	}
	if !d.isResult() {
		sum, err := digestFile(c.root, d.Name)
		if err != nil {
			return notAttestable("%w", err)
		}
		d.Digest = map[string]string{sha256Digest: sum}
		c.files = append(c.files, d)
		return nil
	}
	if mediaType == "" {
		return notAttestable("it is a result: name it as one, so that its verdict counts")
	}
	sum, data, err := digestResult(c.root, d.Name)
	if err != nil {
		return notAttestable("%w", err)
	}
	result, err := reports.ReadJSON(bytes.NewReader(data))
	if err != nil {
		return notAttestable("%w", err)
	}
	d.Digest = map[string]string{sha256Digest: sum}
	c.files, c.results = append(c.files, d), append(c.results, result)
	return nil
}
