package ledger

// Tab books the commands of one client. Like commands of one moment, as in a pipeline, it books together, which takes a
// fraction of the time that booking each takes. So they are in the account only once the tab is settled: that must be
// done before they run, or anybody could see what came of them. A Tab is for one goroutine.
type Tab struct {
	ledger  *Ledger
	command Command
	times   int // not booked yet
}

// NewTab opens a tab.
func NewTab(l *Ledger) Tab { return Tab{ledger: l} }

// Note takes a command, as Ledger.Note does.
func (t *Tab) Note(c Command) {
	if c.At.IsZero() {
		c.At = t.ledger.clock()
	}
	if t.times > 0 && (!t.command.like(&c) || !t.command.At.Equal(c.At)) {
		t.Settle()
	}
	if t.times == 0 {
		t.command = c
	}
	t.times++
}

// Settle books what is not booked yet.
func (t *Tab) Settle() {
	if t.times > 0 {
		t.ledger.note(&t.command, t.times)
		t.times = 0
	}
}
