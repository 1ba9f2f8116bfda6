package reports

import (
	"fmt"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

var (
	idPattern          = regexp.MustCompile(`^[a-z0-9]+(?:[.-][a-z0-9]+)*$`)
	requirementPattern = regexp.MustCompile(`^R(?:[1-9]|1[0-9]|2[01])$`)
)

var criterionFields = []string{"id", "requirement", "metric", "of", "each", "operator", "limit", "upper", "unit", "text"}

// criteria reads one entry of the list, which is one criterion, or one for each part of a dimension. What is wrong with it
// goes to l.problems.
func (l *loader) criteria(index int, node *yaml.Node) []Criterion {
	what := fmt.Sprintf("criterion %d", index+1)
	fields := l.mapping(node, what, criterionFields...)
	if fields == nil {
		return nil
	}
	c := l.criterion(node, fields, what)
	what = "criterion " + c.ID
	metric, ok := l.metric(fields, what, c)
	if !ok {
		return []Criterion{c}
	}
	return l.parts(fields, what, c, metric)
}

// criterion reads the fields of one entry, without the parts it is about.
func (l *loader) criterion(node *yaml.Node, fields map[string]*yaml.Node, what string) Criterion {
	c := Criterion{ID: l.text(node, fields, what, "id")}
	if c.ID != "" {
		what = "criterion " + c.ID
		l.id(fields["id"], c.ID)
	}
	c.Requirement = l.text(node, fields, what, "requirement")
	c.Metric = l.text(node, fields, what, "metric")
	c.Operator = Operator(l.text(node, fields, what, "operator"))
	c.Unit = l.text(node, fields, what, "unit")
	c.Text = l.text(node, fields, what, "text")
	l.limits(node, fields, what, &c)
	if c.Requirement != "" && !requirementPattern.MatchString(c.Requirement) {
		l.problem(fields["requirement"].Line, "%s: unknown requirement %q: use R1 to R21", what, c.Requirement)
	}
	if c.Operator != "" && !c.Operator.Known() {
		l.problem(fields["operator"].Line, "%s: unknown operator %q: use one of %s", what, c.Operator, quoted(Operators()))
	}
	return c
}

func (l *loader) id(node *yaml.Node, id string) {
	if !idPattern.MatchString(id) {
		l.problem(node.Line, "id %q: use lower-case letters, digits, dots and dashes", id)
	}
	if first, ok := l.lines[id]; ok {
		l.problem(node.Line, "id %q is taken by the criterion on line %d: every criterion needs its own", id, first)
		return
	}
	l.lines[id] = node.Line
}

// limits reads limit and upper and checks them against the operator.
func (l *loader) limits(node *yaml.Node, fields map[string]*yaml.Node, what string, c *Criterion) {
	limit, limitOK := l.number(node, fields, what, "limit")
	c.Limit = limit
	between := c.Operator == Between
	upperNode, given := fields["upper"]
	switch {
	case between && !given:
		l.problem(node.Line, "%s: \"between\" needs upper, the highest value that still passes", what)
		return
	case !given:
		return
	case !between && c.Operator.Known():
		l.problem(upperNode.Line, "%s: upper goes with the operator \"between\" only, not with %q", what, c.Operator)
	}
	upper, upperOK := l.number(node, fields, what, "upper")
	if !upperOK {
		return
	}
	c.Upper = &upper
	if limitOK && between && upper < limit {
		l.problem(upperNode.Line, "%s: upper %s is below limit %s: nothing could pass", what, exact(upper), exact(limit))
	}
}

// metric finds the metric that is named, and checks its unit.
func (l *loader) metric(fields map[string]*yaml.Node, what string, c Criterion) (Metric, bool) {
	if c.Metric == "" {
		return Metric{}, false
	}
	for _, m := range l.known {
		if m.Name != c.Metric {
			continue
		}
		if c.Unit != "" && m.Unit != c.Unit {
			l.problem(fields["unit"].Line, "%s: unit %q: %s is measured in %q", what, c.Unit, m.Name, m.Unit)
		}
		return m, true
	}
	names := make([]string, 0, len(l.known))
	for _, m := range l.known {
		names = append(names, m.Name)
	}
	l.problem(fields["metric"].Line, "%s: unknown metric %q: use one of %s", what, c.Metric, strings.Join(names, ", "))
	return Metric{}, false
}

func quoted(operators []Operator) string {
	parts := make([]string, 0, len(operators))
	for _, o := range operators {
		parts = append(parts, fmt.Sprintf("%q", string(o)))
	}
	return strings.Join(parts, ", ")
}
