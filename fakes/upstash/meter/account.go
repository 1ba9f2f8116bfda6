package meter

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"tollgate/fakes/upstash/ledger"
	"tollgate/fakes/upstash/plan"
)

// Version is that of Account's JSON. It rises when a field changes its meaning or goes; new ones may come.
const Version = 1

// Account is everything that is known of an application's use. Its lists have what cost most first.
type Account struct {
	Version int `json:"version"`
	// At is when it was taken, Since the second of the first command or connection; nil if there was none.
	At    time.Time  `json:"at"`
	Since *time.Time `json:"since"`
	// Plan is the plan whose limits hold; "" for limits of one's own.
	Plan  string        `json:"plan"`
	Total ledger.Counts `json:"total"`
	// Unsupported is how many commands were refused because Upstash has no such, Rejected how many by a limit or a
	// permission. Refused lists both.
	Unsupported int64 `json:"unsupported"`
	Rejected    int64 `json:"rejected"`
	// Gaps is how often commands called inside scripts may have been missed: if it is not 0, the bill may be too low.
	Gaps            int64             `json:"gaps"`
	Connections     ledger.ConnCounts `json:"connections"`
	RESTConnections ledger.ConnCounts `json:"rest_connections"`
	// Projection is nil before the first minute is over.
	Projection *Projection `json:"projection"`
	Transports []Transport `json:"transports"`
	Components []Component `json:"components"`
	Commands   []Command   `json:"commands"`
	Scripts    []Script    `json:"scripts"`
	// Groups split what went to keys with a hash tag by that tag: with asynq and Bull by queue.
	Groups  []Group          `json:"groups"`
	Refused []ledger.Refused `json:"refused"`
	// Seconds and Minutes are what was billed when, by component.
	Seconds ledger.Timeline `json:"seconds"`
	Minutes ledger.Timeline `json:"minutes"`
}

// Group is what went to keys with the same hash tag; ledger.Several is what went to keys with several.
type Group struct {
	Name string `json:"name"`
	ledger.Counts
}

// Transport is what came over REST or TCP.
type Transport struct {
	Name     string `json:"name"`
	Commands int64  `json:"commands"`
	Billed   int64  `json:"billed"`
}

// Component is what one component did.
type Component struct {
	Name string `json:"name"`
	ledger.Counts
	Connections ledger.ConnCounts `json:"connections"`
	// Commands is what it did by command. What Upstash does not have is one of them, ledger.Unsupported.
	Commands []Command `json:"commands"`
}

// Command is how often one command came.
type Command struct {
	Name string `json:"name"`
	ledger.Counts
}

// Script is one Lua script: its calls are Wire, what it called is Inner, and both are in Billed.
type Script struct {
	// SHA1 is the script's, or "function:" and the name of a function.
	SHA1 string `json:"sha1"`
	ledger.Counts
	// Calls is which commands it called, most often first.
	Calls []Callee `json:"calls"`
}

// Short is enough of the script's SHA-1 to know it by, or all of a function's name.
func (s Script) Short() string {
	if strings.HasPrefix(s.SHA1, "function:") {
		return s.SHA1
	}
	return s.SHA1[:min(len(s.SHA1), 8)]
}

// Callee is a command that a script called.
type Callee struct {
	Name  string `json:"name"`
	Times int64  `json:"times"`
}

// Take reads the ledger of a server with that plan.
func Take(l *ledger.Ledger, p plan.Plan) Account {
	s, b := l.Snapshot(), l.Breakdown()
	a := Account{
		Version: Version, At: s.At, Plan: p.Name, Total: s.Total, Unsupported: s.Unsupported, Rejected: s.Rejected, Gaps: s.Gaps,
		Connections: s.Connections, RESTConnections: s.RESTConnections,
		Projection: Project(b.Minutes, b.At),
		Transports: transports(b), Components: components(s, b), Commands: commands(s.ByCommand), Scripts: scripts(s, b), Groups: groups(s),
		Refused: b.Refused, Seconds: b.Seconds, Minutes: b.Minutes,
	}
	if !b.Start.IsZero() {
		a.Since = &b.Start
	}
	slices.SortFunc(a.Refused, func(x, y ledger.Refused) int {
		return cmp.Or(cmp.Compare(y.Times, x.Times), cmp.Compare(x.Name, y.Name), cmp.Compare(x.Transport, y.Transport))
	})
	return a
}

// transports lists both, used or not.
func transports(b ledger.Breakdown) (all []Transport) {
	for _, name := range []string{ledger.TransportREST, ledger.TransportTCP} {
		t := Transport{Name: name}
		for _, calls := range b.Calls[name] {
			t.Commands += calls.Billed + calls.Free
			t.Billed += calls.Charged - calls.Refunded
		}
		all = append(all, t)
	}
	return all
}

func commands(counts map[string]ledger.Counts) []Command {
	all := make([]Command, 0, len(counts))
	for name, c := range counts {
		all = append(all, Command{Name: name, Counts: c})
	}
	slices.SortFunc(all, func(x, y Command) int { return dearer(x.Counts, y.Counts, x.Name, y.Name) })
	return all
}

// components lists those that sent commands and those that only have connections.
func components(s ledger.Snapshot, b ledger.Breakdown) []Component {
	all := map[string]Component{}
	for name, counts := range s.ByComponent {
		all[name] = Component{Name: name, Counts: counts}
	}
	for name, conns := range s.ConnectionsByComponent {
		c := all[name]
		c.Name, c.Connections = name, conns
		all[name] = c
	}
	for name, c := range all {
		c.Commands = commands(b.Commands[name])
		all[name] = c
	}
	byCost := func(x, y Component) int { return dearer(x.Counts, y.Counts, x.Name, y.Name) }
	return append([]Component{}, slices.SortedFunc(maps.Values(all), byCost)...)
}

func groups(s ledger.Snapshot) []Group {
	all := make([]Group, 0, len(s.ByGroup))
	for name, counts := range s.ByGroup {
		all = append(all, Group{Name: name, Counts: counts})
	}
	slices.SortFunc(all, func(x, y Group) int { return dearer(x.Counts, y.Counts, x.Name, y.Name) })
	return all
}

func scripts(s ledger.Snapshot, b ledger.Breakdown) []Script {
	all := make([]Script, 0, len(s.ByScript))
	for sha, counts := range s.ByScript {
		script := Script{SHA1: sha, Counts: counts, Calls: []Callee{}}
		for name, times := range b.Callees[sha] {
			script.Calls = append(script.Calls, Callee{Name: name, Times: times})
		}
		slices.SortFunc(script.Calls, func(x, y Callee) int {
			return cmp.Or(cmp.Compare(y.Times, x.Times), cmp.Compare(x.Name, y.Name))
		})
		all = append(all, script)
	}
	slices.SortFunc(all, func(x, y Script) int { return dearer(x.Counts, y.Counts, x.SHA1, y.SHA1) })
	return all
}

// dearer orders by cost, the highest first, then by use, then by name.
func dearer(x, y ledger.Counts, xName, yName string) int {
	return cmp.Or(cmp.Compare(y.Billed, x.Billed), cmp.Compare(y.Wire+y.Inner, x.Wire+x.Inner), cmp.Compare(xName, yName))
}
