package ledger

import (
	"maps"
	"slices"
	"time"
)

// MaxCallees is how many different commands are told apart within one script; what comes later counts under
// Other.
const MaxCallees = 64

// Breakdown is the account further apart than Snapshot has it: by transport, by what was refused, by what
// scripts call, and over time.
type Breakdown struct {
	// At is when it was taken.
	At time.Time
	// Start is the second of the first command or connection; zero if there was none.
	Start time.Time
	// Calls has every command by transport and name. What Upstash does not have counts under Unsupported.
	Calls map[string]map[string]Calls
	// Commands has every command by component and name, named as in Calls. Beyond MaxNames pairs it counts under Other of
	// the component Other.
	Commands map[string]map[string]Counts
	// Refused is how often what was refused, by transport, name and reason.
	Refused []Refused
	// Callees is how often each script, by SHA-1, called which command.
	Callees map[string]map[string]int64
	// Seconds and Minutes are what was billed when, by component. Both are empty before Start.
	Seconds, Minutes Timeline
}

// Unsupported is the name under which Breakdown.Calls has all that Upstash does not have: clients make such
// names up.
const Unsupported = "(unsupported)"

// Calls counts one command over one transport. None of the numbers ever falls.
type Calls struct {
	// Billed and Free are how many commands were billed when they came, and how many not.
	Billed, Free int64
	// Charged is what the billed ones cost in commands: more than Billed where there are read regions.
	Charged int64
	// Refunded is what was taken off the bill again.
	Refunded int64
}

// Refused is a command that was not run.
type Refused struct {
	Transport string `json:"transport"`
	Name      string `json:"name"`
	// Unsupported says that Upstash, or the engine, has no such command; else a limit or a permission refused it.
	Unsupported bool  `json:"unsupported"`
	Times       int64 `json:"times"`
}

// breakdown is what Breakdown copies. The ledger's lock guards it.
type breakdown struct {
	start      time.Time
	calls      map[callKey]*Calls
	commands   map[commandKey]*Counts
	refused    map[Refused]*int64 // Times is 0 in the keys
	callees    map[string]map[string]int64
	components []string // by column
	columns    map[string]int
	seconds    timeline
	minutes    timeline
}

type callKey struct{ transport, name string }

type commandKey struct{ component, name string }

// begin is called with the first event.
func (b *breakdown) begin(at time.Time) {
	if !b.start.IsZero() {
		return
	}
	*b = breakdown{
		start: at.Truncate(time.Second), calls: map[callKey]*Calls{}, commands: map[commandKey]*Counts{}, refused: map[Refused]*int64{},
		callees: map[string]map[string]int64{}, components: []string{Other}, columns: map[string]int{},
		seconds: timeline{step: time.Second, slots: make([]slot, MaxSecondSlots)},
		minutes: timeline{step: time.Minute, slots: make([]slot, MaxMinuteSlots)},
	}
}

// record books a command that came so many times. open is how many TCP connections
// are open.
func (b *breakdown) record(c Command, times, open int64) {
	b.begin(c.At)
	counts := countsOf(c).times(times)
	billed := counts.Billed
	b.commandsOf(c).add(counts)
	calls := b.callsOf(c)
	if c.Billed {
		calls.Billed += times
		calls.Charged += billed
	} else {
		calls.Free += times
	}
	b.spread(c, times, billed, open)
	if c.Inner && c.Script != "" {
		b.called(c.Script, c.Name, times)
	}
	if c.Unsupported || c.Rejected {
		b.refuse(c, times)
	}
}

// refund takes a command off the bill that was recorded.
func (b *breakdown) refund(c Command, open int64) {
	billed := countsOf(c).Billed
	b.callsOf(c).Refunded += billed
	b.commandsOf(c).Billed -= billed
	b.spread(c, 0, -billed, open)
}

// connected is told when the number of open connections changes from before to after.
func (b *breakdown) connected(at time.Time, before, after int64) {
	b.begin(at)
	for _, t := range []*timeline{&b.seconds, &b.minutes} {
		if s := t.touch(at.Sub(b.start), before); s != nil {
			s.open = max(s.open, after)
		}
	}
}

func (b *breakdown) spread(c Command, commands, billed, open int64) {
	column, since := b.column(c.Component), c.At.Sub(b.start)
	for _, t := range [...]*timeline{&b.seconds, &b.minutes} {
		if s := t.touch(since, open); s != nil {
			s.add(commands, billed, column)
		}
	}
}

func (b *breakdown) callsOf(c Command) *Calls {
	key := callKey{transport: c.Transport, name: c.Name}
	if c.Unsupported {
		key.name = Unsupported
	}
	calls := b.calls[key]
	if calls == nil && len(b.calls) >= MaxNames {
		key.name = Other
		calls = b.calls[key]
	}
	if calls == nil {
		calls = &Calls{}
		b.calls[key] = calls
	}
	return calls
}

func (b *breakdown) commandsOf(c Command) *Counts {
	key := commandKey{component: c.Component, name: c.Name}
	if c.Unsupported {
		key.name = Unsupported
	}
	counts := b.commands[key]
	if counts == nil && len(b.commands) >= MaxNames {
		key = commandKey{component: Other, name: Other}
		counts = b.commands[key]
	}
	if counts == nil {
		counts = &Counts{}
		b.commands[key] = counts
	}
	return counts
}

func (b *breakdown) column(component string) int {
	column, ok := b.columns[component]
	if !ok && len(b.components) < MaxColumns && component != Other {
		column = len(b.components)
		b.components = append(b.components, component)
		b.columns[component] = column
	}
	return column
}

func (b *breakdown) called(script, name string, times int64) {
	callees := b.callees[script]
	if callees == nil {
		if len(b.callees) >= MaxNames {
			return
		}
		callees = map[string]int64{}
		b.callees[script] = callees
	}
	if _, ok := callees[name]; !ok && len(callees) >= MaxCallees {
		name = Other
	}
	callees[name] += times
}

func (b *breakdown) refuse(c Command, times int64) {
	key := Refused{Transport: c.Transport, Name: c.Name, Unsupported: c.Unsupported}
	if b.refused[key] == nil {
		if len(b.refused) >= MaxNames {
			key.Name = Other
		}
		if b.refused[key] == nil {
			b.refused[key] = new(int64)
		}
	}
	*b.refused[key] += times
}

// Breakdown copies the breakdown as it is now.
func (l *Ledger) Breakdown() Breakdown {
	now := l.clock()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.fold()
	b := &l.breakdown
	out := Breakdown{
		At: now, Start: b.start, Calls: map[string]map[string]Calls{}, Commands: map[string]map[string]Counts{}, Refused: []Refused{},
		Callees: make(map[string]map[string]int64, len(b.callees)),
		Seconds: Timeline{Step: time.Second, Components: []string{}, Slots: []Slot{}},
		Minutes: Timeline{Step: time.Minute, Components: []string{}, Slots: []Slot{}},
	}
	if b.start.IsZero() {
		return out
	}
	for key, calls := range b.calls {
		if out.Calls[key.transport] == nil {
			out.Calls[key.transport] = map[string]Calls{}
		}
		out.Calls[key.transport][key.name] = *calls
	}
	for key, counts := range b.commands {
		if out.Commands[key.component] == nil {
			out.Commands[key.component] = map[string]Counts{}
		}
		out.Commands[key.component][key.name] = *counts
	}
	for refused, times := range b.refused {
		refused.Times = *times
		out.Refused = append(out.Refused, refused)
	}
	for script, callees := range b.callees {
		out.Callees[script] = maps.Clone(callees)
	}
	components := slices.Clone(b.components)
	out.Seconds = b.seconds.copy(b.start, now, components, l.conns.all.Open)
	out.Minutes = b.minutes.copy(b.start, now, components, l.conns.all.Open)
	return out
}

// Minutes is the Breakdown's timeline of minutes alone, which is cheaper to copy. It is empty before the first event.
func (l *Ledger) Minutes() Timeline {
	now := l.clock()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.fold()
	b := &l.breakdown
	if b.start.IsZero() {
		return Timeline{Step: time.Minute, Components: []string{}, Slots: []Slot{}}
	}
	return b.minutes.copy(b.start, now, slices.Clone(b.components), l.conns.all.Open)
}
