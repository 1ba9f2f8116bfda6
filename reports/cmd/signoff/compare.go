package main

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"tollgate/reports/atomicfile"
	"tollgate/reports/command"
	"tollgate/reports/compare"
	"tollgate/reports/exitcode"
)

// comparison says what changed between results.
type comparison struct {
	Before     string        `arg:"" help:"The earlier result.json, or a folder with those of several repeats beneath it."`
	After      string        `arg:"" help:"The later result.json, or a folder likewise."`
	Regression percent       `placeholder:"5%" help:"What a metric that is worse beyond noise must exceed to be a regression, in per cent of the value before (default 5 %)."`
	Limit      []metricLimit `sep:"none" placeholder:"METRIC=10%" help:"Another --regression for one metric and its parts. May be given several times."`
	JSON       bool          `name:"json" help:"Print the comparison as JSON, not as a table."`
	Markdown   string        `placeholder:"FILE" help:"Write the comparison as Markdown to FILE as well."`
}

// percent is a number with or without a per cent sign; it knows whether it was given.
type percent struct {
	value float64
	given bool
}

// UnmarshalText is called by kong.
func (p *percent) UnmarshalText(text []byte) error {
	number := strings.TrimSpace(strings.TrimSuffix(string(text), "%"))
	value, err := strconv.ParseFloat(number, 64)
	if err != nil {
		return fmt.Errorf("%q is no percentage: write it as 5%%", text)
	}
	*p = percent{value: value, given: true}
	return nil
}

// metricLimit is METRIC=PERCENT; the metric itself may hold a "=".
type metricLimit struct {
	metric string
	limit  percent
}

// UnmarshalText is called by kong.
func (l *metricLimit) UnmarshalText(text []byte) error {
	at := strings.LastIndexByte(string(text), '=')
	if at <= 0 {
		return fmt.Errorf("%q is no limit of a metric: write it as api.errors=10%%", text)
	}
	l.metric = string(text[:at])
	return l.limit.UnmarshalText(text[at+1:])
}

// limits returns the defaults with what was given in their place.
func (c *comparison) limits() (compare.Limits, error) {
	limits := compare.DefaultLimits()
	if c.Regression.given {
		limits.Regression = c.Regression.value
	}
	for _, l := range c.Limit {
		if _, twice := limits.Metrics[l.metric]; twice {
			return limits, fmt.Errorf("--limit of %s is given twice", l.metric)
		}
		if limits.Metrics == nil {
			limits.Metrics = map[string]float64{}
		}
		limits.Metrics[l.metric] = l.limit.value
	}
	return limits, nil
}

// Run compares; what regressed is the exit code, not an error to print.
func (c *comparison) Run(out command.Streams) error {
	found, err := c.compare()
	if err != nil {
		return exitcode.With(exitcode.Usage, err)
	}
	if c.Markdown != "" {
		page := func(w io.Writer) error { return compare.WriteMarkdown(w, found) }
		if err := atomicfile.Write(c.Markdown, page); err != nil {
			return exitcode.With(exitcode.Usage, fmt.Errorf("--markdown: %w", err))
		}
	}
	if c.JSON {
		err = compare.WriteJSON(out.Out, found)
	} else {
		err = compare.WriteTerminal(out.Out, found, out.Terminal())
	}
	if err != nil {
		return exitcode.With(exitcode.Internal, err)
	}
	return command.Judged(found.ExitCode())
}

func (c *comparison) compare() (compare.Comparison, error) {
	limits, err := c.limits()
	if err != nil {
		return compare.Comparison{}, err
	}
	before, err := load(c.Before)
	if err != nil {
		return compare.Comparison{}, err
	}
	after, err := load(c.After)
	if err != nil {
		return compare.Comparison{}, err
	}
	return compare.Compare(before.Results(), after.Results(), limits)
}

// load reads all repeats of a side. One that cannot be read is an error: without
// it the others could tell another story.
func load(path string) (compare.Loaded, error) {
	loaded, err := compare.Load(path)
	if err != nil {
		return loaded, err
	}
	var problems []error
	for _, u := range loaded.Unreadable {
		problems = append(problems, fmt.Errorf("cannot read %s: %s", u.Path, u.Why))
	}
	if len(loaded.Runs)+len(problems) == 0 {
		return loaded, fmt.Errorf("no result.json beneath %s", path)
	}
	return loaded, errors.Join(problems...)
}
