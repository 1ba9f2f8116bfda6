package ledger

// Snapshot copies the totals as they are now.
func (l *Ledger) Snapshot() Snapshot {
	now := l.clock()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.fold()
	return Snapshot{
		At:                     now,
		Total:                  l.total,
		Unsupported:            l.unsupported,
		Rejected:               l.rejected,
		Gaps:                   l.gaps,
		ByComponent:            l.components.copy(),
		ByCommand:              l.commands.copy(),
		ByScript:               l.scripts.copy(),
		ByGroup:                l.groups.copy(),
		Connections:            l.conns.all,
		ConnectionsByComponent: l.conns.copyByComponent(),
		RESTConnections:        l.rest,
	}
}

// Billed is the Snapshot's total of billed commands alone.
func (l *Ledger) Billed() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.fold()
	return l.total.Billed
}

// Since is what happened between earlier and s: counts are the difference, and
// names without any in that time are left out. Open and Peak are those of s;
// call ResetPeaks when taking the earlier snapshot for the window's own peaks.
func (s Snapshot) Since(earlier Snapshot) Snapshot {
	s.Total = s.Total.minus(earlier.Total)
	s.Unsupported -= earlier.Unsupported
	s.Rejected -= earlier.Rejected
	s.Gaps -= earlier.Gaps
	s.ByComponent = minusAll(s.ByComponent, earlier.ByComponent, Counts.minus)
	s.ByCommand = minusAll(s.ByCommand, earlier.ByCommand, Counts.minus)
	s.ByScript = minusAll(s.ByScript, earlier.ByScript, Counts.minus)
	s.ByGroup = minusAll(s.ByGroup, earlier.ByGroup, Counts.minus)
	s.Connections = s.Connections.minus(earlier.Connections)
	s.ConnectionsByComponent = minusAll(s.ConnectionsByComponent, earlier.ConnectionsByComponent, ConnCounts.minus)
	s.RESTConnections = s.RESTConnections.minus(earlier.RESTConnections)
	return s
}

func (c Counts) minus(o Counts) Counts {
	return Counts{Wire: c.Wire - o.Wire, Inner: c.Inner - o.Inner, Billed: c.Billed - o.Billed}
}

func (c ConnCounts) minus(o ConnCounts) ConnCounts {
	c.Opened -= o.Opened
	c.Refused -= o.Refused
	return c
}

func minusAll[T comparable](later, earlier map[string]T, minus func(T, T) T) map[string]T {
	var zero T
	out := make(map[string]T, len(later))
	for name, counts := range later {
		if diff := minus(counts, earlier[name]); diff != zero {
			out[name] = diff
		}
	}
	return out
}

func (n names) copy() map[string]Counts {
	out := make(map[string]Counts, len(n))
	for name, counts := range n {
		out[name] = *counts
	}
	return out
}

// copyByComponent leaves out components that no connection belongs to or
// belonged to, such as Unnamed once all are named.
func (c *connections) copyByComponent() map[string]ConnCounts {
	out := make(map[string]ConnCounts, len(c.byComponent))
	for name, counts := range c.byComponent {
		if counts.Opened != 0 || counts.Refused != 0 {
			out[name] = *counts
		}
	}
	return out
}
