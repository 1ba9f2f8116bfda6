package command

import (
	"fmt"
	"strings"

	"tollgate/reports/exitcode"
)

// Example is a command line and what it does.
type Example struct{ Line, Text string }

// help is the description with the examples and the exit codes.
func (p Program) help() string {
	var b strings.Builder
	b.WriteString(p.Description)
	if len(p.Examples) > 0 {
		b.WriteString("\n\nExamples:\n")
		for _, e := range p.Examples {
			fmt.Fprintf(&b, "\n  %s\n      %s", e.Line, e.Text)
		}
	}
	var codes []string
	for code := exitcode.Passed; code <= exitcode.Internal; code++ {
		text, listed := p.Codes[code]
		if p.Codes == nil {
			text, listed = exitcode.Text(code), true
		}
		if listed {
			codes = append(codes, fmt.Sprintf("%d %s", code, text))
		}
	}
	fmt.Fprintf(&b, "\n\nExit codes: %s.", strings.Join(codes, ", "))
	return b.String()
}
