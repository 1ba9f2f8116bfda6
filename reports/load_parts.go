package reports

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// parts reads the fields "of" and "each". Without them the criterion is about the whole; "of: {queue: token-refresh}" makes it
// one about a part, and "each: queue" one criterion for each part, whose value is added to the id and the text.
func (l *loader) parts(fields map[string]*yaml.Node, what string, c Criterion, m Metric) []Criterion {
	of, each := fields["of"], fields["each"]
	switch {
	case of != nil && each != nil:
		l.problem(each.Line, "%s: of names one part and each means all: keep one of them", what)
	case of != nil:
		c.Of = l.part(of, what, m)
	case each != nil:
		return l.eachPart(each, what, c, m)
	}
	return []Criterion{c}
}

// part reads "of"; nil after a problem.
func (l *loader) part(node *yaml.Node, what string, m Metric) *Part {
	if node.Kind != yaml.MappingNode || len(node.Content) != 2 {
		l.problem(node.Line, "%s: of names one part, such as {queue: token-refresh}", what)
		return nil
	}
	name, value := node.Content[0], node.Content[1]
	d, ok := l.dimension(name, what, m)
	if !ok {
		return nil
	}
	if !slices.Contains(d.Values, value.Value) {
		l.problem(value.Line, "%s: there is no %s %q: use one of %s", what, d.Name, value.Value, strings.Join(d.Values, ", "))
		return nil
	}
	return &Part{d.Name, value.Value}
}

func (l *loader) eachPart(node *yaml.Node, what string, c Criterion, m Metric) []Criterion {
	d, ok := l.dimension(node, what, m)
	if !ok {
		return []Criterion{c}
	}
	all := make([]Criterion, 0, len(d.Values))
	for _, value := range d.Values {
		one := c
		one.ID, one.Text, one.Of = c.ID+"."+value, c.Text+": "+value, &Part{d.Name, value}
		if _, taken := l.lines[one.ID]; taken {
			l.problem(node.Line, "%s: the id %q is taken", what, one.ID)
		}
		l.lines[one.ID] = node.Line
		all = append(all, one)
	}
	return all
}

// dimension finds the dimension that a node names among those by which the metric is measured.
func (l *loader) dimension(node *yaml.Node, what string, m Metric) (Dimension, bool) {
	var names []string
	for _, d := range m.Dimensions {
		if d.Name == node.Value {
			return d, true
		}
		names = append(names, d.Name)
	}
	if len(names) == 0 {
		l.problem(node.Line, "%s: %s is measured as a whole only: leave out of and each", what, m.Name)
	} else {
		l.problem(node.Line, "%s: %s is not measured by %q: use %s", what, m.Name, node.Value, strings.Join(names, ", "))
	}
	return Dimension{}, false
}
