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
		return Profile{}, unknown(nameOrPath)
	}
	return parseScaled(nameOrPath+extension, data, knownQueues)
}

// ReadFile reads a profile from a file of at most [MaxBytes].
func ReadFile(path string, knownQueues []string) (Profile, error) {
	data, err := readLimited(path)
	if err != nil {
		return Profile{}, err
	}
	return parseScaled(path, data, knownQueues)
}

// parseScaled parses a profile and, where it names another one as its origin,
// checks the arithmetic. The origin is a built-in profile or a file, whose path
// counts from the folder of this one; it must not be a fraction itself.
func parseScaled(file string, data []byte, knownQueues []string) (Profile, error) {
	p, err := Parse(file, data, knownQueues)
	if err != nil || p.Scale == nil {
		return p, err
	}
	origin, err := parseOrigin(file, p.Scale.Of, knownQueues)
	if err != nil {
		return Profile{}, fmt.Errorf("profile %s: scale.of: %w", file, err)
	}
	if origin.Scale != nil {
		problem := Problem{File: file, Field: "scale.of", Message: fmt.Sprintf(
			"%q is a part of %q itself; name a whole profile", p.Scale.Of, origin.Scale.Of)}
		return Profile{}, &Error{Problems: []Problem{problem}}
	}
	p.Scale.whole = &origin
	if problems := p.scaleProblems(file, origin); len(problems) > 0 {
		return Profile{}, &Error{Problems: problems}
	}
	return p, nil
}

func parseOrigin(file, of string, knownQueues []string) (Profile, error) {
	name, read := of+extension, builtin.ReadFile
	if looksLikePath(of) {
		name, read = of, readLimited
		if !filepath.IsAbs(of) {
			name = filepath.Join(filepath.Dir(file), of)
		}
	} else if !slices.Contains(Names(), of) {
		return Profile{}, unknown(of)
	}
	data, err := read(name)
	if err != nil {
		return Profile{}, err
	}
	return Parse(name, data, knownQueues)
}

// readLimited reads a file of at most MaxBytes and one byte more, which Parse
// refuses.
func readLimited(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("cannot read profile: %w", err)
	}
	data, err := io.ReadAll(io.LimitReader(f, MaxBytes+1))
	if err := errors.Join(err, f.Close()); err != nil {
		return nil, fmt.Errorf("cannot read profile: %w", err)
	}
	return data, nil
}

func unknown(name string) error {
	return fmt.Errorf("%w %q; built in are %s; a file is given by its path, ending in %s",
		ErrUnknownProfile, name, strings.Join(Names(), ", "), extension)
}

func looksLikePath(s string) bool {
	ext := filepath.Ext(s)
	return ext == extension || ext == ".yml" || strings.ContainsAny(s, `/\`)
}
