package benchthrift

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"text/tabwriter"
)

// WriteTable writes the report as a table in plain text.
func (r Report) WriteTable(w io.Writer) error {
	fmt.Fprintf(w, "thrift beside plain asynq, 11 queues; %s, %d CPUs, took %.0f s\n", r.Go, r.CPUs, r.Took)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	section := ""
	for _, row := range r.Rows {
		if row.Section != section {
			section = row.Section
			fmt.Fprintf(t, "\n%s\ton\t%s\treach\tgoal\n", strings.ToUpper(section), strings.Join(r.Variants, "\t"))
		}
		fmt.Fprintf(t, "%s\t%s", row.title(), row.Counted)
		for _, name := range r.Variants {
			fmt.Fprintf(t, "\t%s", row.cell(name))
		}
		fmt.Fprintf(t, "\t%s\t%s\n", row.Reach, row.Goal)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(w)
	for _, note := range r.Notes {
		if _, err := fmt.Fprintf(w, "- %s\n", note); err != nil {
			return err
		}
	}
	return nil
}

func (r Row) title() string {
	if r.Unit == "" {
		return r.What
	}
	return r.What + " [" + r.Unit + "]"
}

func (r Row) cell(variant string) string {
	f, ok := r.Figures[variant]
	if !ok {
		return "."
	}
	return strings.TrimSpace(number(f.Value) + " " + f.Verdict)
}

// String is how the table shows a limit.
func (l *Limit) String() string {
	switch {
	case l == nil:
		return "."
	case l.AtLeast > 0:
		return ">= " + number(l.AtLeast)
	default:
		return "<= " + number(l.AtMost)
	}
}

// number shows three or more digits that matter, and thousands apart.
func number(value float64) string {
	switch size := math.Abs(value); {
	case size == math.Trunc(size) && size < 1000:
		return strconv.FormatFloat(value, 'f', 0, 64)
	case size < 1:
		return strconv.FormatFloat(value, 'f', 3, 64)
	case size < 100:
		return strconv.FormatFloat(value, 'f', 2, 64)
	}
	digits := strconv.FormatFloat(value, 'f', 0, 64)
	for at := len(digits) - 3; at > 0 && digits[at-1] != '-'; at -= 3 {
		digits = digits[:at] + "," + digits[at:]
	}
	return digits
}
