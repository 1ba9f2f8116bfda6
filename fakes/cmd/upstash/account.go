package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"

	"tollgate/fakes/upstash/meter"
	"tollgate/fakes/upstash/plan"
)

// printAccount says what Upstash would have billed, for what and whom, and what a month of it would be.
func printAccount(w io.Writer, a meter.Account) {
	fmt.Fprintf(w, "\nbilled commands: %d (sent: %d, called inside Lua: %d)\n", a.Total.Billed, a.Total.Wire, a.Total.Inner)
	if a.Gaps > 0 {
		fmt.Fprintf(w, "  or more: commands inside Lua may have been missed, %d times\n", a.Gaps)
	}
	for _, c := range a.Commands {
		if c.Billed > 0 {
			fmt.Fprintf(w, "  %-20s %d\n", printable(c.Name), c.Billed)
		}
	}
	printComponents(w, a)
	printScripts(w, a.Scripts)
	printRefused(w, a)
	fmt.Fprintf(w, "peak connections: %d\n", a.Connections.Peak)
	printMonth(w, a)
}

func printComponents(w io.Writer, a meter.Account) {
	fmt.Fprint(w, "by transport:")
	for _, t := range a.Transports {
		fmt.Fprintf(w, " %s %d", t.Name, t.Billed)
	}
	fmt.Fprintln(w)
	if len(a.Components) == 0 {
		return
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "by component:\tbilled\tsent\tinside Lua\tconnections: peak\topened")
	for _, c := range a.Components {
		fmt.Fprintf(table, "  %s\t%d\t%d\t%d\t%d\t%d\n",
			printable(c.Name), c.Billed, c.Wire, c.Inner, c.Connections.Peak, c.Connections.Opened)
	}
	_ = table.Flush() // a reader that left needs nothing
}

func printScripts(w io.Writer, scripts []meter.Script) {
	if len(scripts) == 0 {
		return
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "by script:\tbilled\tcalls\tinside\twhich")
	for _, s := range scripts {
		var calls []string
		for _, c := range s.Calls {
			calls = append(calls, fmt.Sprintf("%s %d", printable(c.Name), c.Times))
		}
		fmt.Fprintf(table, "  %s\t%d\t%d\t%d\t%s\n", printable(s.Short()), s.Billed, s.Wire, s.Inner, strings.Join(calls, ", "))
	}
	_ = table.Flush()
}

func printRefused(w io.Writer, a meter.Account) {
	fmt.Fprintf(w, "refused commands: %d unsupported, %d rejected\n", a.Unsupported, a.Rejected)
	for _, r := range a.Refused {
		why := "rejected by a limit or permission"
		if r.Unsupported {
			why = "not available on Upstash"
		}
		fmt.Fprintf(w, "  %-20s %d over %s: %s\n", printable(r.Name), r.Times, r.Transport, why)
	}
}

// printMonth says what the billed commands cost if they are all of a month, and what a month would have if it went
// on like that.
func printMonth(w io.Writer, a meter.Account) {
	chosen, _ := plan.Lookup(a.Plan) // the flags are checked
	bill := plan.BillOf(chosen, a.Total.Billed)
	fmt.Fprintf(w, "if that is all of a month: %s on %s; cheapest: %s, $%.2f\n",
		cost(bill.Dollars), bill.Plan, bill.Cheapest, bill.CheapestDollars)
	p := a.Projection
	if p == nil {
		fmt.Fprintln(w, "if it goes on like that: not yet known, there was no full minute of use")
		return
	}
	fmt.Fprintf(w, "a month at rest: %d billed commands, from the quietest stretch, %s\n", p.RestPerMonth, window(p.Rest))
	fmt.Fprintf(w, "  confidence %s: %s\n", p.Confidence, p.Because)
	fmt.Fprintf(w, "a month like this: %d billed commands, from %s\n", p.TotalPerMonth, window(p.Seen))
	if p.Absent > 0 {
		fmt.Fprintf(w, "  without %d minutes in which no connection was open\n", p.Absent)
	}
	if p.Headroom < 0 {
		fmt.Fprintf(w, "  %d more than the free plan allows\n", -p.Headroom)
	} else {
		fmt.Fprintf(w, "  %d less than the free plan allows\n", p.Headroom)
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "by plan:\tat rest\tlike this")
	for _, c := range p.Costs {
		fmt.Fprintf(table, "  %s\t%s\t%s\n", c.Plan, cost(c.Rest), cost(c.Total))
	}
	if len(p.Components) > 0 {
		fmt.Fprintln(table, "by component, billed commands:\tat rest\tlike this")
	}
	for _, c := range p.Components {
		fmt.Fprintf(table, "  %s\t%d\t%d\n", printable(c.Component), c.RestPerMonth, c.TotalPerMonth)
	}
	_ = table.Flush()
}

func window(w meter.Window) string {
	clock := func(t time.Time) string { return t.UTC().Format(time.TimeOnly) }
	return fmt.Sprintf("%d full min (%s to %s UTC, %.1f a minute)", w.Minutes, clock(w.From), clock(w.To), w.PerMinute())
}

func cost(dollars *float64) string {
	if dollars == nil {
		return "over its limit"
	}
	return fmt.Sprintf("$%.2f", *dollars)
}

// printable keeps the terminal safe from names that clients made up.
func printable(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return unicode.ReplacementChar
	}, name)
}
