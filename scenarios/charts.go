package scenarios

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"tollgate/fakes/upstash/ledger"
	"tollgate/loadgen"
	"tollgate/reports"
	"tollgate/system/queue"
)

// charts draw both stages over the time of their runs, and what the stage's jobs and commands came to.
func charts(base, stage Observation) []reports.Chart {
	all := []reports.Chart{connectionChart(base, stage)}
	order := componentsOf(base, stage)
	for _, o := range []Observation{base, stage} {
		if len(o.Samples) > 1 {
			all = append(all, billedChart(o, order))
		}
	}
	if stage.Jobs.Total.Accepted > 0 {
		all = append(all, OutcomeChart(string(stage.Stage), stage.Jobs))
	}
	for _, o := range []Observation{base, stage} {
		if o.Load.Total.Billed > 0 {
			all = append(all, CostChart(string(o.Stage), o.Load.ByCommand))
		}
	}
	return all
}

// connectionChart draws one line for each stage.
func connectionChart(base, stage Observation) reports.Chart {
	c := reports.Chart{
		Title: "Redis connections", Unit: unitCount, XLabel: "seconds since the start of the service",
		Note: "The most that were open at one time in each second, counted by the fake Upstash.",
	}
	for _, o := range []Observation{base, stage} {
		line := reports.Line{Name: string(o.Stage)}
		for _, second := range o.Seconds {
			line.Points = append(line.Points, reports.Point{X: second.At.Sub(o.Seconds[0].At).Seconds(), Y: float64(second.Open)})
		}
		if len(line.Points) > 0 {
			c.Lines = append(c.Lines, line)
		}
	}
	return c
}

// spent is what a component was billed from the first sample to one of them.
func (o Observation) spent(until Sample, component string) float64 {
	return float64(until.By[component] - o.Samples[0].By[component])
}

// componentsOf are the components that were billed anything in the load of either stage, the dearest in both together first:
// so they look the same in the charts of both.
func componentsOf(all ...Observation) []string {
	total := map[string]float64{}
	for _, o := range all {
		if len(o.Samples) == 0 {
			continue
		}
		last := o.Samples[len(o.Samples)-1]
		for component := range last.By {
			if spent := o.spent(last, component); spent > 0 {
				total[component] += spent
			}
		}
	}
	order := slices.Sorted(maps.Keys(total))
	slices.SortStableFunc(order, func(a, b string) int { return cmp.Compare(total[b], total[a]) })
	return order
}

// billedChart stacks what the components of a stage were billed in the course of the load.
func billedChart(o Observation, components []string) reports.Chart {
	c := reports.Chart{
		Title: fmt.Sprintf("Billed commands of %s by component", o.Stage), Kind: reports.ChartStacked, Unit: unitCount,
		XLabel: "seconds since the first arrival",
	}
	for _, component := range components {
		line := reports.Line{Name: component}
		for _, s := range o.Samples {
			line.Points = append(line.Points, reports.Point{X: s.Since.Seconds(), Y: o.spent(s, component)})
		}
		c.Lines = append(c.Lines, line)
	}
	return c
}

// OutcomeChart shows what became of the jobs of each queue.
func OutcomeChart(stage string, jobs loadgen.Outcomes) reports.Chart {
	c := reports.Chart{Title: fmt.Sprintf("Jobs of %s by queue", stage), Kind: reports.ChartBars, Unit: unitCount, XLabel: "jobs"}
	for _, spec := range queue.Specs() {
		c.Categories = append(c.Categories, string(spec.Name))
	}
	for _, part := range []struct {
		name string
		of   func(loadgen.QueueOutcome) int64
	}{
		{"done at once", func(q loadgen.QueueOutcome) int64 { return q.Succeeded - q.Recovered }},
		{"done after retries", func(q loadgen.QueueOutcome) int64 { return q.Recovered }},
		{"given up", func(q loadgen.QueueOutcome) int64 { return q.Archived }},
		{"unfinished", func(q loadgen.QueueOutcome) int64 { return q.Outstanding }},
	} {
		line := reports.Line{Name: part.name}
		for i, name := range c.Categories {
			if n := part.of(jobs.Queue(name)); n > 0 {
				line.Points = append(line.Points, reports.Point{X: float64(i), Y: float64(n)})
			}
		}
		if len(line.Points) > 0 {
			c.Lines = append(c.Lines, line)
		}
	}
	return c
}

// CostChart shows the commands that cost most.
func CostChart(stage string, by map[string]ledger.Counts) reports.Chart {
	names := slices.Sorted(maps.Keys(by))
	slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(by[b].Billed, by[a].Billed) })
	names = names[:min(topCommands, len(names))]
	return reports.Chart{
		Title: fmt.Sprintf("Billed commands of %s by name", stage), Kind: reports.ChartBars, Unit: unitCount, XLabel: "commands",
		Note: fmt.Sprintf("The %d that cost most.", topCommands), Categories: names,
		Lines: []reports.Line{
			costs("sent by clients", names, by, func(n ledger.Counts) int64 { return n.Billed - n.Inner }),
			costs("called from scripts", names, by, func(n ledger.Counts) int64 { return n.Inner }),
		},
	}
}

func costs(name string, commands []string, by map[string]ledger.Counts, of func(ledger.Counts) int64) reports.Line {
	line := reports.Line{Name: name}
	for i, command := range commands {
		if n := of(by[command]); n > 0 {
			line.Points = append(line.Points, reports.Point{X: float64(i), Y: float64(n)})
		}
	}
	return line
}
