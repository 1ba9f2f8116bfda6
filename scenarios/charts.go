package scenarios

import (
	"tollgate/fakes/upstash/ledger"
	"tollgate/reports"
)

// charts draw both stages over the time of their runs.
func charts(base, stage Observation) []reports.Chart {
	const xLabel = "seconds since the start of the service"
	connections := reports.Chart{
		Title: "Redis connections", Unit: unitCount, XLabel: xLabel,
		Lines: lines(base, stage, func(s []ledger.Second, i int) float64 { return float64(s[i].Open) }),
	}
	var sum int64
	billed := reports.Chart{
		Title: "Billed commands since the start", Unit: unitCount, XLabel: xLabel,
		Lines: lines(base, stage, func(s []ledger.Second, i int) float64 {
			if i == 0 {
				sum = 0
			}
			sum += s[i].Billed
			return float64(sum)
		}),
	}
	return []reports.Chart{connections, billed}
}

// lines draws one line for each stage; value is asked for the seconds in order.
func lines(base, stage Observation, value func(seconds []ledger.Second, i int) float64) []reports.Line {
	var all []reports.Line
	for _, o := range []Observation{base, stage} {
		line := reports.Line{Name: string(o.Stage)}
		for i, second := range o.Seconds {
			line.Points = append(line.Points, reports.Point{X: second.At.Sub(o.Seconds[0].At).Seconds(), Y: value(o.Seconds, i)})
		}
		if len(line.Points) > 0 {
			all = append(all, line)
		}
	}
	return all
}
