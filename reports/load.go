package reports

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// maxSetBytes caps a criteria file; real ones have a few kilobytes.
const maxSetBytes = 1 << 20

// SetError is what [LoadSet] returns: every problem of the file at once.
type SetError struct {
	// Problems holds one line a problem, "file:line: what is wrong and what to do".
	Problems []string
}

// Error returns the problems, one a line.
func (e *SetError) Error() string { return strings.Join(e.Problems, "\n") }

// LoadSet reads a criteria file (YAML) and checks all of it against the metrics
// that the scenario can measure. The file is only named in messages, data is its
// content.
//
//	scenario: phase1
//	criteria:
//	  - id: phase1-connections      # unique in the file
//	    requirement: R6             # R1 to R21
//	    metric: stage.connections.peak
//	    of: {component: queues}     # if it is about a part; "each: component" is a criterion for every one
//	    operator: "between"         # "<=", ">=", "<", ">", "==", "between"
//	    limit: 33
//	    upper: 36                   # with "between" only
//	    unit: count                 # the metric's unit
//	    text: Most Redis connections this stage held at once
//
// The error is a *[SetError] with every problem found. Aliases, a second document,
// doubled or unknown fields and an empty list of criteria are problems too.
func LoadSet(file string, data []byte, known []Metric) (Set, error) {
	l := &loader{known: known, lines: map[string]int{}}
	set := l.set(data)
	if len(l.problems) == 0 {
		set.Inputs = []Input{NewInput(InputCriteria, file, data)}
		return set, nil
	}
	slices.SortStableFunc(l.problems, func(a, b problem) int { return cmp.Compare(a.line, b.line) })
	err := &SetError{}
	for _, p := range l.problems {
		err.Problems = append(err.Problems, fmt.Sprintf("%s:%d: %s", file, p.line, p.text))
	}
	return Set{}, err
}

// ScenarioOf returns the scenario that a criteria file is for, "" where it does not say; the rest of the file is not looked at.
func ScenarioOf(data []byte) string {
	var head struct {
		Scenario string `yaml:"scenario"`
	}
	if len(data) > maxSetBytes || yaml.Unmarshal(data, &head) != nil {
		return ""
	}
	return head.Scenario
}

// loader collects problems while it walks the YAML nodes of one file.
type loader struct {
	known    []Metric
	lines    map[string]int // criterion id -> line on which it was first seen
	problems []problem
}

type problem struct {
	line int
	text string
}

func (l *loader) problem(line int, format string, args ...any) {
	l.problems = append(l.problems, problem{line, fmt.Sprintf(format, args...)})
}

func (l *loader) set(data []byte) Set {
	root := l.document(data)
	if root == nil {
		return Set{}
	}
	fields := l.mapping(root, "the file", "scenario", "criteria")
	if fields == nil {
		return Set{}
	}
	set := Set{Scenario: l.text(root, fields, "the file", "scenario")}
	list, ok := fields["criteria"]
	switch {
	case !ok:
		l.problem(root.Line, "criteria is missing: list at least one criterion")
	case list.Kind != yaml.SequenceNode:
		l.problem(list.Line, "criteria must be a list, each entry beginning with \"- id:\"")
	case len(list.Content) == 0:
		l.problem(list.Line, "criteria is empty: a set without criteria would prove nothing")
	default:
		for i, node := range list.Content {
			set.Criteria = append(set.Criteria, l.criteria(i, node)...)
		}
	}
	return set
}

// document parses the file and returns its only document, or nil after a problem.
func (l *loader) document(data []byte) *yaml.Node {
	if len(data) > maxSetBytes {
		l.problem(1, "the file has %d bytes, more than the %d a criteria file may have", len(data), maxSetBytes)
		return nil
	}
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	var doc, second yaml.Node
	if err := decoder.Decode(&doc); errors.Is(err, io.EOF) {
		l.problem(1, "the file is empty: it needs scenario and criteria")
		return nil
	} else if err != nil {
		l.syntax(err)
		return nil
	}
	if err := decoder.Decode(&second); err == nil {
		l.problem(second.Line, "a second document begins here: keep one document a file")
		return nil
	} else if !errors.Is(err, io.EOF) {
		l.syntax(err)
		return nil
	}
	if len(doc.Content) != 1 {
		l.problem(1, "the file is empty: it needs scenario and criteria")
		return nil
	}
	return doc.Content[0]
}

var yamlMessage = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)$`)

// syntax turns an error of the YAML parser into a "file:line:" problem.
func (l *loader) syntax(err error) {
	line, text := 1, strings.ReplaceAll(err.Error(), "\n", " ")
	if m := yamlMessage.FindStringSubmatch(text); m != nil {
		text = m[2]
		if n, err := strconv.Atoi(m[1]); err == nil {
			line = n
		}
	}
	l.problem(line, "not YAML: %s (operators stand in quotes: \">=\")", text)
}
