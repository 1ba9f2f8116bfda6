package month

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"tollgate/fakes/upstash/ledger"
	"tollgate/fakes/upstash/plan"
	"tollgate/loadgen"
	"tollgate/reports"
	"tollgate/system/queue"
	"tollgate/system/thrift"
)

// topRows is how many rows the longest tables have.
const topRows = 20

// notSimulated stands where there is no figure.
const notSimulated = "not simulated"

// tables are the figures behind the criteria. Where nothing else is said they are of the first seed.
func (e *evidence) tables() []reports.Table {
	o := e.first()
	if len(o.Course.Open) == 0 { // stopped before anything was counted
		return nil
	}
	all := []reports.Table{e.stageTable(), e.seedTable()}
	if !e.opts.Troubled && e.idle.Simulated > 0 && e.busyDay.Simulated > 0 {
		all = append(all, e.methodTable())
	}
	if len(o.Task.Calendar) > 0 {
		all = append(all, troubleTable(o))
	}
	return append(all, planTable(o), dayTable(o), hourTable(o), queueTable(o), componentTable(o), commandTable(o), scriptTable(o), e.latencyTable())
}

func left(name string) reports.Column { return reports.Column{Name: name} }
func right(name string) reports.Column {
	return reports.Column{Name: name, Align: reports.AlignRight}
}

func number(n int64) string { return reports.Format(float64(n), unitCount) }

// rounded writes a projected number, whose last digits mean nothing.
func rounded(x float64) string { return reports.Format(float64(int64(x+0.5)), unitCount) }

// stageTable compares the months of the stages by what causes the commands.
func (e *evidence) stageTable() reports.Table {
	t := reports.Table{
		Title: "Billed commands of the month, by cause",
		Note: "Idle is what a service without load is billed, jobs what the queues are billed beyond that. " +
			"Of plain stages whole hours were simulated and multiplied; of a stage under thrift every command was counted.",
		Columns: []reports.Column{left("Cause")},
	}
	type column struct{ idle, jobs, cache, limiters, all float64 }
	var columns []column
	of := func(component string) func(ledger.Snapshot) int64 {
		return func(s ledger.Snapshot) int64 { return s.ByComponent[component].Billed }
	}
	limiters := func(s ledger.Snapshot) int64 { return s.ByComponent["ratelimit"].Billed + s.ByComponent["sms"].Billed }
	for _, p := range e.plain {
		if !p.measured() {
			continue
		}
		t.Columns = append(t.Columns, right(fmt.Sprintf("%s, projected", p.stage)))
		columns = append(columns, column{p.billed(queues) - p.billed(jobs), p.billed(jobs), p.billed(of("cache")), p.billed(limiters), p.billed(total)})
	}
	o := e.first()
	t.Columns = append(t.Columns, right(fmt.Sprintf("%s, simulated", e.stage)))
	idle := float64(e.idle.Account.Total.Billed)
	columns = append(columns, column{
		idle, float64(queues(o.Account)) - idle, float64(of("cache")(o.Account)), float64(limiters(o.Account)), float64(total(o.Account)),
	})
	row := func(what string, value func(column) float64) {
		cells := []string{what}
		for _, c := range columns {
			cells = append(cells, rounded(value(c)))
		}
		t.Rows = append(t.Rows, cells)
	}
	if e.idle.Simulated > 0 {
		row("idle", func(c column) float64 { return c.idle })
		row("jobs", func(c column) float64 { return c.jobs })
	} else {
		row("queues, idle and jobs", func(c column) float64 { return c.idle + c.jobs })
	}
	row("cache", func(c column) float64 { return c.cache })
	row("limiters", func(c column) float64 { return c.limiters })
	row("all", func(c column) float64 { return c.all })
	return t
}

// seedTable has the main figures of all seeds.
func (e *evidence) seedTable() reports.Table {
	t := reports.Table{
		Title: "Seeds", Note: fmt.Sprintf("%d months with seeds from %d on; criteria are judged on the worst.", len(e.months), e.opts.Profile.Seed),
		Columns: []reports.Column{left("Figure"), right("lowest"), right("median"), right("highest")},
	}
	for _, f := range []struct {
		what, unit string
		of         func(Observation) float64
	}{
		{"billed commands", unitCount, func(o Observation) float64 { return float64(o.Account.Total.Billed) }},
		{"by queues", unitCount, func(o Observation) float64 { return float64(queues(o.Account)) }},
		{"retries", unitCount, func(o Observation) float64 { return float64(o.Jobs.Total.Retries) }},
		{"jobs that succeeded", unitPercent, func(o Observation) float64 { rate, _ := o.Jobs.Total.SuccessRate(); return 100 * rate }},
		{"cache hits", unitPercent, func(o Observation) float64 {
			return 100 * float64(o.Cache.Hits) / float64(max(1, o.Cache.Hits+o.Cache.Misses))
		}},
		{"API p95", "ms", func(o Observation) float64 {
			g, _ := o.Summary.Kind(loadgen.KindRequest)
			return millis(g.FromIntended.P95)
		}},
		{"most connections", unitCount, func(o Observation) float64 { return float64(o.Account.Connections.Peak) }},
	} {
		all := e.spread(f.of)
		t.Rows = append(t.Rows, []string{f.what, reports.Format(all[0], f.unit), reports.Format(median(all), f.unit), reports.Format(all[len(all)-1], f.unit)})
	}
	return t
}

// methodTable compares what shorter windows say with what was simulated.
func (e *evidence) methodTable() reports.Table {
	t := reports.Table{
		Title: "The method against itself", Note: "What a shorter window says of the month, beside the month that was simulated.",
		Columns: []reports.Column{left("Window"), right("says"), right("simulated"), right("gap"), left("used")},
	}
	for _, c := range e.checks() {
		used := "yes"
		if c.refused != "" {
			used = "no"
			t.Note += fmt.Sprintf(" Not used: %s, because %s.", c.what, c.refused)
		}
		t.Rows = append(t.Rows, []string{
			c.what, reports.Format(c.projected, unitCount), reports.Format(c.simulated, unitCount), reports.Format(c.gap(), unitPercent), used,
		})
	}
	return t
}

// troubleTable lists what befell the service and what it did to it that day.
func troubleTable(o Observation) reports.Table {
	t := reports.Table{
		Title: "Troubles", Note: "Errors are the connection errors that the service's clients counted on that day.",
		Columns: []reports.Column{right("Day"), left("Trouble"), right("errors that day")},
	}
	errors := o.errorsByDay()
	for _, trouble := range o.Task.Calendar.sorted() {
		d := dayOf(trouble.At)
		if d <= len(errors) {
			t.Rows = append(t.Rows, []string{strconv.Itoa(d), trouble.Text, number(errors[d-1])})
		}
	}
	return t
}

// planTable has the price of the month on each plan.
func planTable(o Observation) reports.Table {
	billed := o.Account.Total.Billed
	t := reports.Table{
		Title: "Price on each plan", Note: fmt.Sprintf("For %s billed commands; US dollars a month, by commands only.", number(billed)),
		Columns: []reports.Column{left("Plan"), right("price"), right("commands left")},
	}
	for _, p := range plan.All() {
		price, remaining := "refuses so many", ""
		if dollars, ok := p.Price(billed); ok {
			price = fmt.Sprintf("%.2f", dollars)
		}
		if p.MonthlyCommands > 0 {
			remaining = number(p.MonthlyCommands - billed)
		}
		t.Rows = append(t.Rows, []string{p.Name, price, remaining})
	}
	return t
}

// dayTable has each day.
func dayTable(o Observation) reports.Table {
	t := reports.Table{
		Title:   "Days",
		Columns: []reports.Column{left("Day"), right("billed"), right("highest hour"), right("most connections"), right("connection errors")},
	}
	hourly, errors := o.Course.Totals(hour), o.errorsByDay()
	for d, billed := range o.Course.Totals(day) {
		hours := hourly[d*24 : min((d+1)*24, len(hourly))]
		minutes := o.Course.Open[d*24*60 : min((d+1)*24*60, len(o.Course.Open))]
		failed := int64(0)
		if d < len(errors) {
			failed = errors[d]
		}
		name := fmt.Sprintf("%d, %s", d+1, Start.Add(o.Task.From).AddDate(0, 0, d).Format("Mon"))
		t.Rows = append(t.Rows, []string{name, number(billed), number(slices.Max(hours)), number(slices.Max(minutes)), number(failed)})
	}
	return t
}

// topHours is how many hours hourTable lists.
const topHours = 5

// hourTable has the hours that cost most.
func hourTable(o Observation) reports.Table {
	t := reports.Table{Title: "Highest hours", Columns: []reports.Column{left("Hour"), right("billed")}}
	hourly := o.Course.Totals(hour)
	hours := make([]int, len(hourly))
	for i := range hours {
		hours[i] = i
	}
	slices.SortStableFunc(hours, func(a, b int) int { return int(hourly[b] - hourly[a]) })
	for _, h := range hours[:min(topHours, len(hours))] {
		t.Rows = append(t.Rows, []string{fmt.Sprintf("day %d, %02d:00", h/24+1, h%24), number(hourly[h])})
	}
	return t
}

// queueTable has what each queue did and cost.
func queueTable(o Observation) reports.Table {
	t := reports.Table{
		Title: "Queues",
		Note:  "Billed is what went to the queue's own keys. Commands to keys of several queues, such as the survey's, are listed below them.",
		Columns: []reports.Column{
			left("Queue"), right("accepted"), right("succeeded"), right("retried"), right("given up"), right("unfinished"), right("p95 to done"),
			right("billed"), right("a job"),
		},
	}
	rest := map[string]int64{}
	for name, c := range o.Account.ByGroup {
		switch {
		case name == ledger.Several:
			rest["several queues"] += c.Billed
		case slices.ContainsFunc(queue.Specs(), func(s queue.Spec) bool { return string(s.Name) == name }):
		default:
			rest["asynq's servers"] += c.Billed // the tag of their keys is host, process and an ID
		}
	}
	for _, spec := range queue.Specs() {
		q, billed := o.Jobs.Queue(string(spec.Name)), o.Account.ByGroup[string(spec.Name)].Billed
		each := ""
		if q.Accepted > 0 {
			each = reports.Format(float64(billed)/float64(q.Accepted), unitCount)
		}
		t.Rows = append(t.Rows, []string{
			string(spec.Name), number(q.Accepted), number(q.Succeeded), number(q.Retried), number(q.Archived), number(q.Outstanding),
			fmt.Sprintf("%.0f ms", millis(q.Completion.P95)), number(billed), each,
		})
	}
	for _, name := range slices.Sorted(maps.Keys(rest)) {
		t.Rows = append(t.Rows, []string{name, "", "", "", "", "", "", number(rest[name]), ""})
	}
	return t
}

// byCost are the names of an account's part, the dearest first.
func byCost(part map[string]ledger.Counts) []string {
	names := slices.Sorted(maps.Keys(part))
	names = slices.DeleteFunc(names, func(name string) bool { return part[name].Billed == 0 })
	slices.SortStableFunc(names, func(a, b string) int { return int(part[b].Billed - part[a].Billed) })
	return names
}

// partTable has an account's part, what cost most first.
func partTable(title, head string, part map[string]ledger.Counts) reports.Table {
	t := reports.Table{Title: title, Columns: []reports.Column{left(head), right("sent"), right("inside scripts"), right("billed")}}
	names := byCost(part)
	for _, name := range names[:min(topRows, len(names))] {
		c := part[name]
		t.Rows = append(t.Rows, []string{name, number(c.Wire), number(c.Inner), number(c.Billed)})
	}
	return t
}

func componentTable(o Observation) reports.Table {
	return partTable("Components", "Component", o.Account.ByComponent)
}

func commandTable(o Observation) reports.Table {
	t := partTable("Commands", "Command", o.Account.ByCommand)
	t.Note = fmt.Sprintf("The %d that cost most.", topRows)
	return t
}

// scriptTable has what scripts cost, with what they call.
func scriptTable(o Observation) reports.Table {
	t := reports.Table{
		Title:   "Scripts",
		Columns: []reports.Column{left("Script"), right("calls"), right("commands inside"), right("billed"), left("what it calls")},
	}
	for _, sha := range byCost(o.Account.ByScript) {
		name := thrift.ScriptName(sha)
		if name == "" {
			name = sha
		}
		c := o.Account.ByScript[sha]
		t.Rows = append(t.Rows, []string{
			name, number(c.Wire), number(c.Inner), number(c.Billed), strings.Join(slices.Sorted(maps.Keys(o.Callees[sha])), " "),
		})
	}
	return t
}

// latencyTable compares latencies with those of the legacy stage's hours.
func (e *evidence) latencyTable() reports.Table {
	t := reports.Table{
		Title: "API latency", Note: fmt.Sprintf("Milliseconds from the intended start to the answer, with a network round trip of %s to Redis on both transports.", e.opts.RTT),
		Columns: []reports.Column{left("Stage"), right("requests"), right("p50"), right("p90"), right("p95"), right("p99"), right("p99.9"), right("highest")},
	}
	row := func(name string, l loadgen.Latency, err error) {
		if err != nil || l.Count == 0 {
			t.Rows = append(t.Rows, []string{name, "0", notSimulated, "", "", "", "", ""})
			return
		}
		cells := []string{name, number(l.Count)}
		for _, d := range []float64{millis(l.P50), millis(l.P90), millis(l.P95), millis(l.P99), millis(l.P999), millis(l.Max)} {
			cells = append(cells, fmt.Sprintf("%.1f", d))
		}
		t.Rows = append(t.Rows, cells)
	}
	for _, p := range e.plain {
		l, err := p.latency()
		row(string(p.stage), l, err)
	}
	l, err := requestLatency(e.months...)
	row(string(e.stage), l, err)
	return t
}
