package plan

// per is how many commands PricePer100K is for.
const per = 100_000

// regionShare is what a read region costs, as a part of MonthlyPrice.
const regionShare = 0.5

// WithReadRegions is the plan with that many read regions in place of those it has. Each costs half as much a
// month as the plan alone; that writes are billed once more for each is for the caller to count.
func (p Plan) WithReadRegions(n int) Plan {
	alone := p.MonthlyPrice / (1 + regionShare*float64(p.ReadRegions))
	p.MonthlyPrice = alone * (1 + regionShare*float64(n))
	p.ReadRegions = n
	return p
}

// Price is what a month with that many billed commands costs on the plan, in US dollars. It is false where the
// plan refuses so many.
func (p Plan) Price(billed int64) (dollars float64, ok bool) {
	if p.MonthlyCommands > 0 && billed > p.MonthlyCommands {
		return 0, false
	}
	return p.MonthlyPrice + p.PricePer100K*float64(billed)/per, true
}

// Cheapest is the plan on which a month with that many billed commands costs least, and what it costs in US
// dollars, without read regions. It looks at nothing but commands: whether the data fits is for the caller to say. Of two that cost
// the same it is the smaller.
func Cheapest(billed int64) (best Plan, dollars float64) { return cheapest(billed, 0) }

// cheapest is Cheapest of the plans that may have that many read regions, with them.
func cheapest(billed int64, regions int) (best Plan, dollars float64) {
	for _, p := range plans {
		if p.MaxReadRegions > 0 && regions > p.MaxReadRegions {
			continue
		}
		p = p.WithReadRegions(regions)
		if price, ok := p.Price(billed); ok && (best.Name == "" || price < dollars) {
			best, dollars = p, price
		}
	}
	return best, dollars
}

// Bill is what a month costs.
type Bill struct {
	// Plan is the name of the plan; "" for limits of one's own, which have no price.
	Plan string `json:"plan"`
	// Billed is how many commands were billed.
	Billed int64 `json:"billed"`
	// Dollars is what they cost on Plan; nil where Plan has no price or refuses so many.
	Dollars *float64 `json:"dollars"`
	// Cheapest is the plan that costs least, and CheapestDollars what it costs.
	Cheapest        string  `json:"cheapest"`
	CheapestDollars float64 `json:"cheapest_dollars"`
}

// BillOf is the bill of a month with that many billed commands on p; Cheapest in it is among the plans that may
// have p's read regions.
func BillOf(p Plan, billed int64) Bill {
	best, least := cheapest(billed, p.ReadRegions)
	bill := Bill{Plan: p.Name, Billed: billed, Cheapest: best.Name, CheapestDollars: least}
	if dollars, ok := p.Price(billed); ok && p.Name != "" {
		bill.Dollars = &dollars
	}
	return bill
}
