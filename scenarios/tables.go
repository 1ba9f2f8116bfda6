package scenarios

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"tollgate/fakes/upstash/ledger"
	"tollgate/loadgen"
	"tollgate/reports"
	"tollgate/system/queue"
)

// topCommands is how many commands the table of commands lists.
const topCommands = 15

// notMeasured stands where a stage has no figure.
const notMeasured = "not measured"

// tables are the figures behind the criteria. A stage that got no load shows as not
// measured, not as nought.
func tables(base, stage Observation) []reports.Table {
	all := []reports.Table{costTable(base, stage)}
	if base.LoadFor > 0 && stage.LoadFor > 0 { // a run that was stopped has nothing to compare
		all = append(all, latencyTable(base, stage), jobTable(stage), componentTable(base, stage), commandTable(base, stage))
	}
	if stage.Probes != nil {
		all = append(all, probeTable(stage))
	}
	return all
}

func left(name string) reports.Column { return reports.Column{Name: name} }
func right(name string) reports.Column {
	return reports.Column{Name: name, Align: reports.AlignRight}
}

func number(n int64) string { return reports.Format(float64(n), unitCount) }

// costTable compares what both stages cost under load and without.
func costTable(base, stage Observation) reports.Table {
	t := reports.Table{
		Title: "Commands",
		Note: "Wire commands are those that clients sent; Upstash bills them, less a short list, and each command inside a Lua script. " +
			"The run is from the first arrival to the end of the last job, idle polling in that time included.",
		Columns: []reports.Column{left("What"), right(string(base.Stage)), right(string(stage.Stage))},
	}
	row := func(what string, of func(Observation) string) {
		cells := []string{what}
		for _, o := range []Observation{base, stage} {
			if o.LoadFor > 0 {
				cells = append(cells, of(o))
			} else {
				cells = append(cells, notMeasured)
			}
		}
		t.Rows = append(t.Rows, cells)
	}
	row("wire, in the run", func(o Observation) string { return number(o.Load.Total.Wire) })
	row("inside Lua scripts, in the run", func(o Observation) string { return number(o.Load.Total.Inner) })
	row("billed, in the run", func(o Observation) string { return number(o.Load.Total.Billed) })
	row("cache hits", func(o Observation) string {
		reads := o.Cache.Hits + o.Cache.Misses
		if reads == 0 {
			return notMeasured
		}
		return reports.Format(100*float64(o.Cache.Hits)/float64(reads), unitPercent)
	})
	row("duration of the run", func(o Observation) string { return fmt.Sprintf("%.1f s", o.LoadFor.Seconds()) })
	return t
}

// latencyTable compares the latencies of what the load sent.
func latencyTable(base, stage Observation) reports.Table {
	t := reports.Table{
		Title: "Latency", Note: "Milliseconds from the intended start to the answer.",
		Columns: []reports.Column{
			left("Kind"), right("n"), right(string(base.Stage) + " p50"), right("p95"), right("p99"),
			right(string(stage.Stage) + " p50"), right("p95"), right("p99"),
		},
	}
	for _, kind := range loadgen.Kinds() {
		b, ok := base.Summary.Kind(kind)
		s, alsoOK := stage.Summary.Kind(kind)
		if !ok || !alsoOK {
			continue
		}
		cells := []string{KindName(kind), number(s.FromIntended.Count)}
		for _, l := range []loadgen.Latency{b.FromIntended, s.FromIntended} {
			cells = append(cells, fmt.Sprintf("%.1f", millis(l.P50)), fmt.Sprintf("%.1f", millis(l.P95)), fmt.Sprintf("%.1f", millis(l.P99)))
		}
		t.Rows = append(t.Rows, cells)
	}
	return t
}

// jobTable shows what became of the jobs of the stage.
func jobTable(stage Observation) reports.Table {
	t := reports.Table{
		Title: "Jobs of " + string(stage.Stage),
		Columns: []reports.Column{
			left("Queue"), right("accepted"), right("succeeded"), right("retried"), right("given up"),
			right("unfinished"), right("p95 to done"),
		},
	}
	row := func(name string, q loadgen.QueueOutcome) {
		t.Rows = append(t.Rows, []string{
			name, number(q.Accepted), number(q.Succeeded), number(q.Retried), number(q.Archived),
			number(q.Outstanding), fmt.Sprintf("%.0f ms", millis(q.Completion.P95)),
		})
	}
	for _, spec := range queue.Specs() {
		row(string(spec.Name), stage.Jobs.Queue(string(spec.Name)))
	}
	row("all", stage.Jobs.Total)
	return t
}

// componentTable compares connections and billed commands by component.
func componentTable(base, stage Observation) reports.Table {
	t := reports.Table{
		Title: "By component",
		Note: "Connections are the most that were open at once to the Redis port, added up over the eleven queues; REST holds none there. " +
			"Billed is of the run.",
		Columns: []reports.Column{
			left("Component"), right(string(base.Stage) + " connections"), right("billed"),
			right(string(stage.Stage) + " connections"), right("billed"),
		},
	}
	groups := map[string]*[4]int64{}
	add := func(component string, column int, n int64) {
		name := group(component)
		if groups[name] == nil {
			groups[name] = &[4]int64{}
		}
		groups[name][column] += n
	}
	for i, o := range []Observation{base, stage} {
		for component, c := range o.Whole.ConnectionsByComponent {
			add(component, 2*i, c.Peak)
		}
		for component, c := range o.Load.ByComponent {
			add(component, 2*i+1, c.Billed)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(groups)) {
		cells := []string{name}
		for _, n := range groups[name] {
			cells = append(cells, number(n))
		}
		t.Rows = append(t.Rows, cells)
	}
	return t
}

// group folds the connection sets of the eleven queues into one line.
func group(component string) string {
	if strings.HasPrefix(component, "queue:") {
		return "queues"
	}
	return component
}

// commandTable lists the commands that cost most.
func commandTable(base, stage Observation) reports.Table {
	t := reports.Table{
		Title: "Billed commands by name", Note: fmt.Sprintf("The %d that cost most; inside: called from Lua scripts.", topCommands),
		Columns: []reports.Column{
			left("Command"), right(string(base.Stage)), right("of it inside"), right(string(stage.Stage)), right("of it inside"),
		},
	}
	both := func(name string) int64 {
		return base.Load.ByCommand[name].Billed + stage.Load.ByCommand[name].Billed
	}
	names := map[string]bool{}
	for _, commands := range []map[string]ledger.Counts{base.Load.ByCommand, stage.Load.ByCommand} {
		for name, c := range commands {
			if c.Billed > 0 {
				names[name] = true
			}
		}
	}
	sorted := slices.Sorted(maps.Keys(names))
	slices.SortStableFunc(sorted, func(a, b string) int { return int(both(b) - both(a)) })
	for _, name := range sorted[:min(topCommands, len(sorted))] {
		b, s := base.Load.ByCommand[name], stage.Load.ByCommand[name]
		t.Rows = append(t.Rows, []string{name, number(b.Billed), number(b.Inner), number(s.Billed), number(s.Inner)})
	}
	return t
}

// probeTable shows what the probes of each queue did.
func probeTable(stage Observation) reports.Table {
	t := reports.Table{
		Title: "Probes of " + string(stage.Stage),
		Note:  "Each queue got, beside the load, a job that fails once and a hopeless one.",
		Columns: []reports.Column{
			left("Queue"), left("retried, then done"), left("gave up"), right("completed events"), right("failed events"), right("progress events"),
		},
	}
	for _, spec := range queue.Specs() {
		p := stage.Probes[spec.Name]
		t.Rows = append(t.Rows, []string{
			string(spec.Name), yesNo(p.Retried && p.Completed), yesNo(p.GaveUp),
			strconv.Itoa(p.CompletedEvents), strconv.Itoa(p.FailedEvents), strconv.Itoa(p.ProgressEvents),
		})
	}
	return t
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}
