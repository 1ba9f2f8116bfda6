package reports_test

import (
	"fmt"
	"math"
	"strings"

	"github.com/HdrHistogram/hdrhistogram-go"

	"tollgate/reports"
)

// kinds is a run whose charts are as crowded as they get: as many series as styles,
// thirty categories with long names, several limits, parts below 0, tails of
// different lengths, and charts without data.
func kinds() reports.Result {
	r := passing()
	r.Scenario, r.Title = "kinds", "Every kind of chart at its most crowded"
	r.Clock = "virtual"
	r.Segment = &reports.Segment{Index: 2, Of: 4}
	r.Charts = []reports.Chart{
		crowded("Twelve lines", reports.ChartLines, 800, 1000), crowded("Twelve layers", reports.ChartStacked, 8000, 10_000),
		thirtyBars(), changes(),
		{Title: "Nothing was counted", Unit: "count", XLabel: "seconds", Lines: []reports.Line{{Name: "phase3"}}},
		{Title: "No category", Kind: reports.ChartBars, Unit: "count", XLabel: "jobs"},
		{Title: "A single day", Kind: reports.ChartStacked, Unit: "count", XLabel: "day", Lines: []reports.Line{
			{Name: "queues", Points: []reports.Point{{X: 1, Y: 12_345_678}}}, {Name: "cache", Points: []reports.Point{{X: 1, Y: 8_000_000}}},
		}},
	}
	r.Histograms = []reports.Histogram{
		tail("job from enqueue to end", "legacy", 1_200_000), tail("job from enqueue to end", "phase2", 40_000),
		tail("one", "legacy", 1), tail("one", "phase2", 0),
	}
	return r
}

func crowded(title string, kind reports.ChartKind, warning, limit float64) reports.Chart {
	c := reports.Chart{
		Title: title, Kind: kind, How: reports.Simulated, Unit: "ms", XLabel: "day of the month",
		Note:   "Counted by the fake on the virtual clock; days begin at midnight UTC and the last one is cut short by the end of the run.",
		Limits: []reports.LimitLine{{Name: "warning at 80 %", Y: warning}, {Name: "free tier", Y: limit}},
	}
	for i := range 12 {
		c.Lines = append(c.Lines, reports.Line{Name: fmt.Sprintf("queue-%02d", i+1), Points: points(60, func(x float64) float64 {
			return 150 + float64(i*90) + 40*math.Sin(x/3+float64(i))
		})})
	}
	return c
}

func thirtyBars() reports.Chart {
	c := reports.Chart{
		Title: "Jobs by kind", Kind: reports.ChartBars, How: reports.Measured, Unit: "count", XLabel: "jobs",
		Lines:  []reports.Line{{Name: "succeeded at once"}, {Name: "succeeded on a retry"}, {Name: "given up"}, {Name: "still open"}},
		Limits: []reports.LimitLine{{Name: "all that were planned", Y: 1000}},
	}
	for i := range 30 {
		name := fmt.Sprintf("calendar-synchronisation-%02d", i)
		switch i % 10 {
		case 3:
			name = strings.Repeat("webhook-health-check of every calendar ", 3) + fmt.Sprint(i)
		case 7:
			name = strings.Repeat("MWmw", 20) + fmt.Sprint(i)
		}
		c.Categories = append(c.Categories, name)
		if i == 29 {
			continue // a category without data
		}
		for part, value := range []float64{float64(30 * (i + 1)), float64(i * 2 % 40), float64(i % 3), 0} {
			c.Lines[part].Points = append(c.Lines[part].Points, reports.Point{X: float64(i), Y: value})
		}
	}
	return c
}

// changes are bars to both sides of 0.
func changes() reports.Chart {
	return reports.Chart{
		Title: "Change by component", Kind: reports.ChartBars, Unit: "percent", XLabel: "change against legacy",
		Categories: []string{"cache", "queues", "ratelimit"},
		Lines:      []reports.Line{{Name: "phase2", Points: []reports.Point{{X: 0, Y: -51}, {X: 1, Y: 19.7}, {X: 2, Y: 0}}}},
	}
}

func tail(name, series string, n int64) reports.Histogram {
	h := hdrhistogram.New(1, 600_000_000, 3)
	for i := range n {
		if err := h.RecordValue(2000 + int64(8000*math.Log(float64(n)/float64(n-i)))); err != nil {
			panic(err)
		}
	}
	out, err := reports.NewHistogram(name, series, "us", h)
	if err != nil {
		panic(err)
	}
	return out
}
