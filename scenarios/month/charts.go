package month

import (
	"fmt"
	"slices"

	"tollgate/fakes/upstash/plan"
	"tollgate/reports"
	"tollgate/scenarios"
)

// The lines that a month's bill is seen against.
const (
	targetLine = 200_000 // R12
	alertLine  = 400_000 // the warning at 80 % of the free tier
)

// charts draw the month of the first seed.
func (e *evidence) charts() []reports.Chart {
	o := e.first()
	if len(o.Course.Open) == 0 {
		return nil
	}
	all := []reports.Chart{e.monthChart(), dayChart(o), hourChart(o), connectionChart(o)}
	if o.Jobs.Total.Accepted > 0 {
		all = append(all, scenarios.OutcomeChart(string(e.stage), o.Jobs))
	}
	return append(all, scenarios.CostChart(string(e.stage), o.Account.ByCommand))
}

// monthChart is what the month has cost so far, day by day, the components one on top of the other.
func (e *evidence) monthChart() reports.Chart {
	free, _ := plan.Lookup(plan.Free)
	c := reports.Chart{
		Title: "The month's bill", Kind: reports.ChartStacked, Unit: unitCount, XLabel: "day of the month",
		Limits: []reports.LimitLine{
			{Name: "target of 200,000", Y: targetLine},
			{Name: "warning at 400,000", Y: alertLine},
			{Name: fmt.Sprintf("free tier, %s", reports.Format(float64(free.MonthlyCommands), unitCount)), Y: float64(free.MonthlyCommands)},
		},
	}
	for _, daily := range e.first().Course.daily() {
		line := reports.Line{Name: daily.name, Points: []reports.Point{{}}}
		billed := int64(0)
		for d, n := range daily.billed {
			billed += n
			line.Points = append(line.Points, reports.Point{X: float64(d + 1), Y: float64(billed)})
		}
		c.Lines = append(c.Lines, line)
	}
	return c
}

// dailies are what a component was billed on each day.
type dailies struct {
	name   string
	billed []int64
}

// daily splits the days by the components that cost most, the dearest first; what the rest cost comes last.
func (c Course) daily() []dailies {
	sums := c.Sums(day)
	rest := dailies{name: "others", billed: c.Totals(day)}
	var all []dailies
	others := false
	for i, column := range c.dearest() {
		if i == maxLines {
			others = true
			break
		}
		one := dailies{name: c.Components[column]}
		for d, columns := range sums {
			one.billed = append(one.billed, columns[column])
			rest.billed[d] -= columns[column]
		}
		all = append(all, one)
	}
	if others {
		all = append(all, rest)
	}
	return all
}

// maxLines is how many components a chart shows beside the rest.
const maxLines = 5

// dearest are the columns that cost most, the dearest first.
func (c Course) dearest() []int {
	totals := make([]int64, len(c.Components))
	for _, billed := range c.Billed {
		for column, n := range billed {
			totals[column] += n
		}
	}
	columns := make([]int, 0, len(totals))
	for column, n := range totals {
		if n > 0 {
			columns = append(columns, column)
		}
	}
	slices.SortStableFunc(columns, func(a, b int) int { return int(totals[b] - totals[a]) })
	return columns
}

// dayChart is what each day cost.
func dayChart(o Observation) reports.Chart {
	c := reports.Chart{Title: "Billed commands by day", Kind: reports.ChartStacked, Unit: unitCount, XLabel: "day of the month"}
	for _, daily := range o.Course.daily() {
		c.Lines = append(c.Lines, totals(daily.name, daily.billed, 1))
	}
	return c
}

// hourChart is what each hour cost.
func hourChart(o Observation) reports.Chart {
	return reports.Chart{
		Title: "Billed commands by hour", Unit: unitCount, XLabel: "day of the month",
		Lines: []reports.Line{totals("billed", o.Course.Totals(hour), hour.Hours()/24)},
	}
}

// totals draws steps that are so many days long, each at its end.
func totals(name string, steps []int64, days float64) reports.Line {
	line := reports.Line{Name: name}
	for i, n := range steps {
		line.Points = append(line.Points, reports.Point{X: float64(i+1) * days, Y: float64(n)})
	}
	return line
}

// connectionChart is the most connections of each minute.
func connectionChart(o Observation) reports.Chart {
	line := reports.Line{Name: "most in the minute"}
	for i, open := range o.Course.Open {
		line.Points = append(line.Points, reports.Point{X: float64(i) / (24 * 60), Y: float64(open)})
	}
	return reports.Chart{Title: "Redis connections", Unit: unitCount, XLabel: "day of the month", Lines: []reports.Line{line}}
}
