package meter

import "tollgate/fakes/upstash/plan"

// Cost is what a month costs on one plan, in US dollars.
type Cost struct {
	Plan string `json:"plan"`
	// Total is the whole month's; nil where the plan refuses so many commands.
	Total *float64 `json:"total_dollars"`
	// Rest is that of a month in which nothing but rest goes on; nil as Total is.
	Rest *float64 `json:"rest_dollars"`
	// Cheapest marks the plan on which Total is least.
	Cheapest bool `json:"cheapest"`
}

// costs prices a month on every plan, and says how far it is from the limit of the free one.
func costs(total, rest int64) (all []Cost, headroom int64) {
	best, _ := plan.Cheapest(total)
	for _, p := range plan.All() {
		all = append(all, Cost{Plan: p.Name, Total: dollars(p, total), Rest: dollars(p, rest), Cheapest: p.Name == best.Name})
		if p.Name == plan.Free {
			headroom = p.MonthlyCommands - total
		}
	}
	return all, headroom
}

func dollars(p plan.Plan, billed int64) *float64 {
	if price, ok := p.Price(billed); ok {
		return &price
	}
	return nil
}
