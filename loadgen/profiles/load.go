package profiles

import (
	"embed"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

//go:embed *.yaml
var builtin embed.FS

const extension = ".yaml"

// Names lists the built-in profiles in alphabetical order.
func Names() []string {
	entries, err := builtin.ReadDir(".")
	if err != nil {
		panic(fmt.Sprintf("profiles: embedded files: %v", err)) // cannot happen: the pattern matched at build time
	}
	all := make([]string, len(entries))
	for i, e := range entries {
		all[i] = strings.TrimSuffix(e.Name(), extension)
	}
	slices.Sort(all)
	return all
}

// Load returns a built-in profile by its name, or reads a file when nameOrPath
// ends in .yaml or .yml or has a directory in it. An unknown name is
// [ErrUnknownProfile]; a bad file is an [*Error]; a profile that does not keep
// to the scale it states is an [*Error] too.
func Load(nameOrPath string, knownQueues []string) (Profile, error) {
	if looksLikePath(nameOrPath) {
		return ReadFile(nameOrPath, knownQueues)
	}
	data, err := builtin.ReadFile(nameOrPath + extension)
	if err != nil {
		return Profile{}, fmt.Errorf("%w %q; built in are %s; a file is given by its path, ending in %s",
			ErrUnknownProfile, nameOrPath, strings.Join(Names(), ", "), extension)
	}
	return parseScaled(nameOrPath+extension, data, knownQueues)
}

// ReadFile reads a profile from a file of at most [MaxBytes].
func ReadFile(path string, knownQueues []string) (Profile, error) {
	f, err := os.Open(path)
	if err != nil {
		return Profile{}, fmt.Errorf("cannot read profile: %w", err)
	}
	data, err := io.ReadAll(io.LimitReader(f, MaxBytes+1))
	if err := errors.Join(err, f.Close()); err != nil {
		return Profile{}, fmt.Errorf("cannot read profile: %w", err)
	}
	return parseScaled(path, data, knownQueues)
}

// parseScaled parses a profile and, where it names a built-in one as its
// origin, checks the arithmetic.
func parseScaled(file string, data []byte, knownQueues []string) (Profile, error) {
	p, err := Parse(file, data, knownQueues)
	if err != nil || p.Scale == nil {
		return p, err
	}
	if p.Scale.Of == p.Name || !slices.Contains(Names(), p.Scale.Of) {
		problem := Problem{File: file, Field: "scale.of", Message: fmt.Sprintf(
			"%q is not a built-in profile other than this one; built in are %s", p.Scale.Of, strings.Join(Names(), ", "))}
		return Profile{}, &Error{Problems: []Problem{problem}}
	}
	origin, err := Load(p.Scale.Of, knownQueues)
	if err != nil {
		return Profile{}, fmt.Errorf("profile %s: scale.of: %w", file, err)
	}
	if problems := p.scaleProblems(file, origin); len(problems) > 0 {
		return Profile{}, &Error{Problems: problems}
	}
	return p, nil
}

func looksLikePath(s string) bool {
	ext := filepath.Ext(s)
	return ext == extension || ext == ".yml" || strings.ContainsAny(s, `/\`)
}
