package ledger

// connections counts open connections by id, in all and per component.
type connections struct {
	all         ConnCounts
	byComponent map[string]*ConnCounts
	component   map[uint64]string // of each open connection
}

func newConnections() connections {
	return connections{byComponent: map[string]*ConnCounts{}, component: map[uint64]string{}}
}

func (c *connections) of(component string) (string, *ConnCounts) {
	if counts, ok := c.byComponent[component]; ok {
		return component, counts
	}
	if len(c.byComponent) >= MaxNames && component != Other {
		return c.of(Other)
	}
	counts := &ConnCounts{}
	c.byComponent[component] = counts
	return component, counts
}

func (c *ConnCounts) open() {
	c.Opened++
	c.Open++
	c.Peak = max(c.Peak, c.Open)
}

// ConnOpened books a new TCP connection. Until ConnNamed it counts under
// Unnamed. An id that is open already is ignored.
func (l *Ledger) ConnOpened(id uint64) {
	now := l.clock()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.fold()
	if _, ok := l.conns.component[id]; ok {
		return
	}
	second := l.second(now)
	component, counts := l.conns.of(Unnamed)
	l.conns.component[id] = component
	counts.open()
	l.conns.all.open()
	second.Open = max(second.Open, l.conns.all.Open)
	l.breakdown.connected(now, l.conns.all.Open-1, l.conns.all.Open)
}

// ConnNamed moves an open connection to a component: it counts there as opened
// and open, and in its peak, and no longer where it was before. An id that is
// not open is ignored.
func (l *Ledger) ConnNamed(id uint64, component string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	from, ok := l.conns.component[id]
	if !ok || from == component {
		return
	}
	_, old := l.conns.of(from)
	old.Open--
	old.Opened--
	to, counts := l.conns.of(component)
	l.conns.component[id] = to
	counts.open()
}

// ConnClosed books the end of a connection. An id that is not open is ignored.
func (l *Ledger) ConnClosed(id uint64) {
	now := l.clock()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.fold()
	component, ok := l.conns.component[id]
	if !ok {
		return
	}
	l.second(now)
	delete(l.conns.component, id)
	_, counts := l.conns.of(component)
	counts.Open--
	l.conns.all.Open--
	l.breakdown.connected(now, l.conns.all.Open+1, l.conns.all.Open)
}

// ConnRefused books a TCP connection that was turned away by a limit; an empty
// component counts under Unnamed.
func (l *Ledger) ConnRefused(component string) {
	if component == "" {
		component = Unnamed
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	_, counts := l.conns.of(component)
	counts.Refused++
	l.conns.all.Refused++
}

// RESTConnOpened books a new HTTP connection of the REST API.
func (l *Ledger) RESTConnOpened() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.rest.open()
}

// RESTConnClosed books the end of an HTTP connection.
func (l *Ledger) RESTConnClosed() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.rest.Open--
}

// ResetPeaks starts the peaks anew, from what is open now.
func (l *Ledger) ResetPeaks() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.conns.all.Peak = l.conns.all.Open
	for _, counts := range l.conns.byComponent {
		counts.Peak = counts.Open
	}
	l.rest.Peak = l.rest.Open
}
