package ledger

import (
	"cmp"
	"sync"
	"time"
)

// Defaults and caps.
const (
	// DefaultCapacity is how many commands Recent keeps.
	DefaultCapacity = 1 << 16
	// MaxSeconds is how many seconds Series keeps: those of the last day in
	// which something happened.
	MaxSeconds = 24 * 60 * 60
	// MaxNames is how many different components, commands, scripts and groups are told
	// apart, each; what comes later counts under Other.
	MaxNames = 4096
	// Other stands for all names beyond MaxNames.
	Other = "(other)"
	// Unnamed is the component of connections that have neither a client name
	// nor sent a command.
	Unnamed = "(unnamed)"
)

// Config sets up a Ledger. The zero value is usable.
type Config struct {
	// Capacity is how many commands Recent keeps; 0 means DefaultCapacity.
	Capacity int
	// Clock tells the time; nil means time.Now.
	Clock func() time.Time
}

// Ledger is the account. Make one with New; all methods are safe for
// concurrent use.
type Ledger struct {
	clock func() time.Time

	mu          sync.Mutex
	run         run
	total       Counts
	unsupported int64
	rejected    int64
	gaps        int64
	components  names
	commands    names
	scripts     names
	groups      names
	recent      ring[recorded]
	pushed      int64 // to recent, what that has dropped too
	series      ring[Second]
	conns       connections
	rest        ConnCounts
	breakdown   breakdown
}

// New makes an empty ledger.
func New(cfg Config) *Ledger {
	clock := cfg.Clock
	if clock == nil {
		clock = time.Now
	}
	return &Ledger{
		clock:      clock,
		components: names{},
		commands:   names{},
		scripts:    names{},
		groups:     names{},
		recent:     ring[recorded]{limit: cmp.Or(max(cfg.Capacity, 0), DefaultCapacity)},
		series:     ring[Second]{limit: MaxSeconds},
		conns:      newConnections(),
	}
}

// Entry is a command that was booked.
type Entry struct {
	command Command
	number  int64 // it was the number-th that was pushed
}

// Record books one command. A zero At becomes now. What it returns can be given
// to Refund.
func (l *Ledger) Record(c Command) Entry {
	if c.At.IsZero() {
		c.At = l.clock()
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sum(&c, 1)
	l.push(recorded{Command: c, times: 1, alone: true})
	return Entry{command: c, number: l.pushed}
}

// Note books one command as Record does, for who will not have it refunded. Like
// commands of the same moment, as in a pipeline, take the memory of one.
func (l *Ledger) Note(c Command) {
	if c.At.IsZero() {
		c.At = l.clock()
	}
	l.note(&c, 1)
}

// note books a command that came several times in one moment.
func (l *Ledger) note(c *Command, times int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	like := l.sum(c, times)
	if last := l.recent.last(); like && !last.alone && last.At.Equal(c.At) {
		last.times += times
		return
	}
	l.push(recorded{Command: *c, times: times})
}

// sum takes commands into the sums, and says whether they are like the one before.
func (l *Ledger) sum(c *Command, times int) (like bool) {
	if like = l.run.goesOnWith(c); !like {
		l.fold()
		l.run = run{command: *c, second: c.At.Unix()}
	}
	l.run.times += int64(times)
	return like
}

// run is like commands that came one after the other within a second. Their sums
// are not booked yet: that is done for all of them together.
type run struct {
	command Command
	second  int64 // of all, in Unix time
	times   int64
}

func (r *run) goesOnWith(c *Command) bool {
	return r.times > 0 && r.command.like(c) && r.second == c.At.Unix()
}

// like says whether the commands differ in no more than when they came.
func (c *Command) like(o *Command) bool {
	return c.Name == o.Name && c.Component == o.Component && c.Transport == o.Transport && c.Script == o.Script && c.Group == o.Group &&
		c.Inner == o.Inner && c.Billed == o.Billed && c.Times == o.Times && c.Unsupported == o.Unsupported && c.Rejected == o.Rejected
}

// fold books the sums of the run. It is called, with mu held, before anything looks
// at sums.
func (l *Ledger) fold() {
	c, times := &l.run.command, l.run.times
	if times == 0 {
		return
	}
	counts := countsOf(*c).times(times)
	l.total.add(counts)
	l.components.get(c.Component).add(counts)
	l.commands.get(c.Name).add(counts)
	if c.Script != "" {
		l.scripts.get(c.Script).add(counts)
	}
	if c.Group != "" {
		l.groups.get(c.Group).add(counts)
	}
	if c.Unsupported {
		l.unsupported += times
	}
	if c.Rejected {
		l.rejected += times
	}
	second := l.second(c.At)
	second.Wire += counts.Wire
	second.Inner += counts.Inner
	second.Billed += counts.Billed
	l.breakdown.record(*c, times, l.conns.all.Open)
	l.run.times = 0
}

// Gap books, once, that commands called inside scripts may be missing. It returns
// how often that was booked.
func (l *Ledger) Gap() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.gaps++
	return l.gaps
}

// Refund takes a booked command off the bill, in the totals as in Recent and
// Series; it stays counted as sent or called. It does nothing if the command was
// not billed. Each entry may be given once.
func (l *Ledger) Refund(e Entry) {
	back := Counts{Billed: -countsOf(e.command).Billed}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.fold()
	l.total.add(back)
	l.breakdown.refund(e.command, l.conns.all.Open)
	l.components.get(e.command.Component).add(back)
	l.commands.get(e.command.Name).add(back)
	if e.command.Script != "" {
		l.scripts.get(e.command.Script).add(back)
	}
	if e.command.Group != "" {
		l.groups.get(e.command.Group).add(back)
	}
	if c := l.recent.before(int(l.pushed - e.number)); c != nil {
		c.Billed, c.Times = false, 0
	}
	for age := 0; ; age++ {
		switch second := l.series.before(age); {
		case second == nil:
			return
		case !second.At.After(e.command.At):
			second.Billed += back.Billed
			return
		}
	}
}

// second is the entry of the second in which at lies. A time before the newest
// entry counts in that entry, so that the series stays in order.
func (l *Ledger) second(at time.Time) *Second {
	at = at.Truncate(time.Second)
	last := l.series.last()
	if last == nil || at.After(last.At) {
		last = l.series.push(Second{At: at, Open: l.conns.all.Open})
	}
	return last
}

// Series returns the sums of each second in which something happened, oldest
// first, at most MaxSeconds.
func (l *Ledger) Series() []Second {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.fold()
	return l.series.items()
}

func countsOf(c Command) Counts {
	var counts Counts
	if c.Inner {
		counts.Inner = 1
	} else {
		counts.Wire = 1
	}
	if c.Billed {
		counts.Billed = max(c.Times, 1)
	}
	return counts
}

func (c Counts) times(n int64) Counts {
	return Counts{Wire: n * c.Wire, Inner: n * c.Inner, Billed: n * c.Billed}
}

func (c *Counts) add(o Counts) {
	c.Wire += o.Wire
	c.Inner += o.Inner
	c.Billed += o.Billed
}

// names are counts by name, bounded.
type names map[string]*Counts

func (n names) get(name string) *Counts {
	if c, ok := n[name]; ok {
		return c
	}
	if len(n) >= MaxNames {
		name = Other
		if c, ok := n[name]; ok {
			return c
		}
	}
	c := &Counts{}
	n[name] = c
	return c
}
