package profiles

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// decoder walks YAML nodes instead of unmarshalling into structs: only the nodes
// know the line of a value, and only a walk finds every problem at once.
type decoder struct {
	file     string
	problems []Problem
}

// decode stores one node, whose field path is given, and reports what is wrong.
type decode func(n *yaml.Node, path string)

// field is one field that a mapping may or must have.
type field struct {
	name     string
	required bool
	decode   decode
}

func (d *decoder) mapping(n *yaml.Node, path string, fields []field) {
	d.mappingOf(n, path, "field", fields)
}

// mappingOf decodes a mapping strictly; what names its members in problems.
func (d *decoder) mappingOf(n *yaml.Node, path, what string, fields []field) {
	if n.Kind != yaml.MappingNode {
		d.report(n.Line, path, "is %s; a mapping of %ss is needed here", describe(n), what)
		return
	}
	seen := make(map[string]bool, len(fields))
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		at := slices.IndexFunc(fields, func(f field) bool { return f.name == key.Value })
		switch {
		case at < 0:
			d.report(key.Line, join(path, key.Value), "unknown %s; known are %s", what, names(fields))
		case seen[key.Value]:
			d.report(key.Line, join(path, key.Value), "given twice; keep one")
		default:
			seen[key.Value] = true
			fields[at].decode(value, join(path, key.Value))
		}
	}
	for _, f := range fields {
		if f.required && !seen[f.name] {
			d.report(n.Line, join(path, f.name), "missing %s", what)
		}
	}
}

// scalar returns the text of a plain value, or false after reporting.
func (d *decoder) scalar(n *yaml.Node, path, want string) (string, bool) {
	if n.Kind != yaml.ScalarNode || n.Tag == "!!null" {
		d.report(n.Line, path, "is %s; %s is needed here", describe(n), want)
		return "", false
	}
	return n.Value, true
}

func (d *decoder) text(dst *string) decode {
	return func(n *yaml.Node, path string) {
		if s, ok := d.scalar(n, path, "a text"); ok {
			*dst = strings.TrimSpace(s)
		}
	}
}

func (d *decoder) count(dst *int, least, most int) decode {
	return func(n *yaml.Node, path string) {
		s, ok := d.scalar(n, path, "a whole number")
		if !ok {
			return
		}
		v, err := strconv.Atoi(strings.ReplaceAll(s, "_", ""))
		switch {
		case err != nil:
			d.report(n.Line, path, "%q is not a whole number", s)
		case v < 0 && least == 0:
			d.report(n.Line, path, "%d is negative; use 0 or more", v)
		case v < least || v > most:
			d.report(n.Line, path, "%d is out of range; use %d to %d", v, least, most)
		default:
			*dst = v
		}
	}
}

func (d *decoder) seed(dst *uint64) decode {
	return func(n *yaml.Node, path string) {
		s, ok := d.scalar(n, path, "a whole number")
		if !ok {
			return
		}
		v, err := strconv.ParseUint(s, 10, 64)
		if err != nil {
			d.report(n.Line, path, "%q is not a seed; use a whole number from 0 to %d", s, uint64(math.MaxUint64))
			return
		}
		*dst = v
	}
}

func (d *decoder) number(dst *float64, least, most float64) decode {
	return func(n *yaml.Node, path string) {
		s, ok := d.scalar(n, path, "a number")
		if !ok {
			return
		}
		v, err := strconv.ParseFloat(s, 64)
		if err != nil {
			d.report(n.Line, path, "%q is not a number", s)
			return
		}
		if !(v >= least && v <= most) { // written so that NaN is refused too
			d.report(n.Line, path, "%v is out of range; use %v to %v", v, least, most)
			return
		}
		*dst = v
	}
}

func (d *decoder) duration(dst *time.Duration) decode {
	return func(n *yaml.Node, path string) {
		s, ok := d.scalar(n, path, "a duration such as 20s")
		if !ok {
			return
		}
		v, err := time.ParseDuration(s)
		switch {
		case err != nil:
			d.report(n.Line, path, "%q is not a duration; write it like 20s or 720h", s)
		case v <= 0 || v > MaxDuration:
			d.report(n.Line, path, "%s is out of range; use more than 0s and at most %s", v, MaxDuration)
		default:
			*dst = v
		}
	}
}

// lineOf is where a field stands that is reached from a mapping through the given names; or, if there is no such field,
// the last one on the way to it.
func lineOf(n *yaml.Node, path ...string) int {
	line := n.Line
	for _, name := range path {
		for i := 0; i+1 < len(n.Content); i += 2 {
			if n.Content[i].Value == name {
				line, n = n.Content[i].Line, n.Content[i+1]
				break
			}
		}
	}
	return line
}

func describe(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.MappingNode:
		return "a mapping"
	case n.Kind == yaml.SequenceNode:
		return "a list"
	case n.Kind == yaml.AliasNode:
		return "an alias"
	case n.Tag == "!!null":
		return "empty"
	default:
		return fmt.Sprintf("the value %q", n.Value)
	}
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

func names(fields []field) string {
	all := make([]string, len(fields))
	for i, f := range fields {
		all[i] = f.name
	}
	return strings.Join(all, ", ")
}
