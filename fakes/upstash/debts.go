package upstash

// keptDebts is for how many debts room is kept while there are none.
const keptDebts = 1 << 10

// debt is one reply that the client is owed.
type debt struct {
	kind     debtKind
	local    []byte // of a local reply
	failed   func() // of a reply of the engine's: called if it is an error; may be nil
	told     func() // of a reply of the engine's: waits until what its scripts called is booked; may be nil
	then     func() // of a local reply: called once it is on its way; must not wait
	subs     int    // of (un)subscribing: replies still to come, one per channel
	protocol int    // of HELLO: what the engine speaks after its reply
	blocks   bool   // it may be long in coming
}

type debtKind uint8

const (
	owedByEngine debtKind = iota // pass on the engine's next reply
	owedByServer                 // send the local reply, in its turn
	owedNobody                   // drop the engine's next reply
	owedHangUp                   // close the connection, in its turn
)

// fail tells who wants to know that the reply is an error.
func (d debt) fail() {
	if d.failed != nil {
		d.failed()
	}
}

// plain says whether the engine's next reply is to be passed on and no more.
func (d *debt) plain() bool {
	return d.kind == owedByEngine && d.failed == nil && d.told == nil && d.subs == 0 && d.protocol == 0 && !d.blocks
}

// debts are the replies that a client is owed, in their turn. Plain ones, as most are, need no memory each.
type debts struct {
	queue []debtRun // from first on
	first int
	count int // of replies
}

// debtRun is one debt, or as many plain ones.
type debtRun struct {
	debt
	plain int // 0 if it is not plain
}

// add adds a debt as the last.
func (q *debts) add(d *debt) {
	q.count++
	if !d.plain() {
		q.queue = append(q.queue, debtRun{debt: *d})
		return
	}
	if last := len(q.queue) - 1; last >= q.first && q.queue[last].plain > 0 {
		q.queue[last].plain++
		return
	}
	q.queue = append(q.queue, debtRun{plain: 1})
}

// head is the debt to be paid next, or nil. It is valid until the next change.
func (q *debts) head() *debt {
	if q.count == 0 {
		return nil
	}
	return &q.queue[q.first].debt
}

// plain is how many debts are plain that are to be paid next.
func (q *debts) plain() int {
	if q.count == 0 {
		return 0
	}
	return q.queue[q.first].plain
}

// paid takes off the head or, with n, so many plain ones.
func (q *debts) paid(n int) {
	q.count -= n
	head := &q.queue[q.first]
	if head.plain > n {
		head.plain -= n
		return
	}
	*head = debtRun{}
	q.first++
	switch {
	case q.count > 0 && q.first >= keptDebts && q.first > len(q.queue)/2: // rarely: a client that is never owed nothing
		q.queue, q.first = append(q.queue[:0], q.queue[q.first:]...), 0
	case q.count == 0 && cap(q.queue) > keptDebts:
		*q = debts{}
	case q.count == 0:
		q.queue, q.first = q.queue[:0], 0
	}
}

// blocks says whether any of them may be long in coming.
func (q *debts) blocks() bool {
	for i := q.first; i < len(q.queue); i++ {
		if q.queue[i].blocks {
			return true
		}
	}
	return false
}
