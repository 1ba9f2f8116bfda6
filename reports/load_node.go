package reports

import (
	"math"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// mapping returns the fields of a YAML mapping by name. Fields that are unknown,
// doubled or not plain names become problems; nil means that node is no mapping.
func (l *loader) mapping(node *yaml.Node, what string, allowed ...string) map[string]*yaml.Node {
	if node.Kind != yaml.MappingNode {
		l.problem(node.Line, "%s must have the fields %s", what, strings.Join(allowed, ", "))
		return nil
	}
	fields := make(map[string]*yaml.Node, len(node.Content)/2)
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := node.Content[i], node.Content[i+1]
		switch {
		case key.Kind != yaml.ScalarNode || !slices.Contains(allowed, key.Value):
			l.problem(key.Line, "%s: unknown field %q: use %s", what, key.Value, strings.Join(allowed, ", "))
		case fields[key.Value] != nil:
			l.problem(key.Line, "%s: %s is given twice, first on line %d", what, key.Value, fields[key.Value].Line)
		default:
			fields[key.Value] = value
		}
	}
	return fields
}

// text returns a required field that must be a string with something in it, on one line.
func (l *loader) text(parent *yaml.Node, fields map[string]*yaml.Node, what, name string) string {
	node, ok := fields[name]
	switch {
	case !ok:
		l.problem(parent.Line, "%s: %s is missing", what, name)
		return ""
	case node.Kind != yaml.ScalarNode || node.ShortTag() != "!!str":
		l.problem(node.Line, "%s: %s must be text", what, name)
		return ""
	}
	value := strings.TrimSpace(node.Value)
	if value == "" || strings.ContainsFunc(value, isControl) {
		l.problem(node.Line, "%s: %s must be one line of text", what, name)
		return ""
	}
	return value
}

// number returns a required field that must be a finite number.
func (l *loader) number(parent *yaml.Node, fields map[string]*yaml.Node, what, name string) (float64, bool) {
	node, ok := fields[name]
	if !ok {
		l.problem(parent.Line, "%s: %s is missing", what, name)
		return 0, false
	}
	tag := node.ShortTag()
	var value float64
	if node.Kind != yaml.ScalarNode || tag != "!!int" && tag != "!!float" || node.Decode(&value) != nil {
		l.problem(node.Line, "%s: %s must be a number, not %q", what, name, node.Value)
		return 0, false
	}
	if math.IsNaN(value) || math.IsInf(value, 0) {
		l.problem(node.Line, "%s: %s must be a finite number, not %s", what, name, node.Value)
		return 0, false
	}
	return value, true
}
