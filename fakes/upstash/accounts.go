package upstash

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"tollgate/fakes/upstash/commands"
	"tollgate/fakes/upstash/engine"
	"tollgate/fakes/upstash/faults"
	"tollgate/fakes/upstash/ledger"
)

// maxDetached is how many closed engine connections are still known.
const maxDetached = 1024

// caller is on whose account commands go.
type caller struct {
	transport string
	wire      *faults.Conn // nil over REST
	component atomic.Pointer[string]

	// For the goroutine that sends the caller's commands.
	tab      ledger.Tab // to be settled before what is on it runs or is answered
	readOnly bool
	at       time.Time // when the next command came; zero means now
}

func newCaller(book *ledger.Ledger, transport, component string, readOnly bool) *caller {
	c := &caller{transport: transport, readOnly: readOnly, tab: ledger.NewTab(book)}
	c.component.Store(&component)
	return c
}

// accounts decides which commands may run and books all of them.
type accounts struct {
	ledger       *ledger.Ledger
	quota        quota
	throttle     throttle
	capacity     *capacity
	billing      Billing
	plan         Plan
	faults       faults.Hooks
	hashTags     bool
	missing      map[string]bool // commands that Upstash has and the engine has not
	mu           sync.RWMutex
	byEngineConn map[uint64]*caller
	detached     []uint64 // oldest first
}

func newAccounts(cfg Config, book *ledger.Ledger) *accounts {
	return &accounts{
		ledger:       book,
		quota:        quota{limit: cfg.Plan.MonthlyCommands, clock: time.Now},
		throttle:     throttle{rate: cfg.Plan.CommandsPerSecond, clock: time.Now},
		billing:      cfg.Billing,
		plan:         cfg.Plan,
		hashTags:     cfg.HashTags,
		missing:      missingIn(cfg.Engine),
		byEngineConn: map[uint64]*caller{},
	}
}

// missingIn lists what neither the engine nor the server itself can answer.
func missingIn(e engine.Engine) map[string]bool {
	missing := map[string]bool{}
	supporter, ok := e.(engine.Supporter)
	if !ok {
		return missing
	}
	for _, cmd := range commands.All() {
		first, _, _ := strings.Cut(cmd.Name, " ")
		if !answersItself(cmd.Name) && !supporter.Supports(first) {
			missing[cmd.Name] = true
		}
	}
	return missing
}

// admit books a command on the caller's tab and says why it may not run; "" means
// that it may. failed is to be called if its reply is an error; nil means that nobody
// need know.
func (a *accounts) admit(who *caller, args [][]byte, cmd commands.Command, known bool) (failed func(), refusal string) {
	if refusal = a.check(who, args, cmd, known); refusal != "" {
		return nil, refusal
	}
	times := a.billing.times(cmd)
	if times > 0 {
		if refusal = a.quota.take(times); refusal != "" {
			times = 0
			if isClient(cmd.Name) {
				refusal = "" // connecting works when the month is spent
			}
		}
	}
	return a.book(who, cmd, args, times, refusal != ""), refusal
}

// book books a command on the caller's tab. It returns what takes it off the bill
// again, or nil if there is no need ever to do so.
func (a *accounts) book(who *caller, cmd commands.Command, args [][]byte, times int64, rejected bool) (failed func()) {
	command := ledger.Command{
		At: who.at, Component: *who.component.Load(), Transport: who.transport, Name: cmd.Name, Script: engine.ScriptOf(cmd.Name, args),
		Group: a.group(cmd, args), Billed: times > 0, Times: repeats(times), Rejected: rejected,
	}
	if times == 0 || !a.billing.FreeFailures {
		who.tab.Note(command)
		return nil
	}
	who.tab.Settle()
	entry := a.ledger.Record(command) // here, or every command's would be on the heap
	return func() {
		a.ledger.Refund(entry)
		a.quota.add(-times)
	}
}

// admitAll books commands that run together or not at all. There is a failed for
// each, as of admit.
func (a *accounts) admitAll(who *caller, cmds [][][]byte) (failed []func(), refusal string) {
	var billed int64
	found := make([]commands.Command, len(cmds))
	for i, args := range cmds {
		cmd, known := commands.Lookup(args)
		if refusal = a.check(who, args, cmd, known); refusal != "" {
			a.refusedWith(who, cmds, i)
			return nil, refusal
		}
		found[i] = cmd
		billed += a.billing.times(cmd)
	}
	refusal = a.quota.take(billed)
	for i, args := range cmds {
		times := a.billing.times(found[i])
		if refusal != "" {
			times = 0
		}
		failed = append(failed, a.book(who, found[i], args, times, refusal != ""))
	}
	who.tab.Settle()
	return failed, refusal
}

// refusedWith books the commands that do not run because one of them may not, which
// is booked already.
func (a *accounts) refusedWith(who *caller, cmds [][][]byte, booked int) {
	for i, args := range cmds {
		if i != booked {
			_, known := commands.Lookup(args)
			a.refused(who, commands.Name(args), !known)
		}
	}
}

// repeats is times as the ledger has it: 0 for once, as for never.
func repeats(times int64) int64 {
	if times > 1 {
		return times
	}
	return 0
}

// check books and refuses what could never run; it books nothing else.
func (a *accounts) check(who *caller, args [][]byte, cmd commands.Command, known bool) (refusal string) {
	switch {
	case !known:
		name := commands.Name(args)
		a.refused(who, name, true)
		return commands.Unavailable(name)
	case changesUsers(cmd.Name):
		a.refused(who, cmd.Name, true)
		return fmt.Sprintf(textFixedUsers, cmd.Name)
	case a.missing[cmd.Name]:
		a.refused(who, cmd.Name, true)
		return fmt.Sprintf(textNotInEngine, cmd.Name)
	case cmd.NoReadOnly && who.readOnly:
		a.refused(who, cmd.Name, false)
		return commands.NoPermission(cmd.Name)
	}
	if a.faults.Active() {
		if refusal = a.faults.Reply(who.command(cmd)); refusal != "" {
			a.refused(who, cmd.Name, false)
			return refusal
		}
	}
	if size := payload(args); size > a.plan.MaxRequestBytes {
		a.refused(who, cmd.Name, false)
		return commands.RequestTooLarge(a.plan.MaxRequestBytes, size)
	}
	for key := range cmd.Keys(args) {
		if size := int64(len(key)); size > a.plan.MaxKeyBytes {
			a.refused(who, cmd.Name, false)
			return fmt.Sprintf(textKeyTooLarge, a.plan.MaxKeyBytes, size)
		}
	}
	if refusal = a.capacity.refuse(cmd, args); refusal != "" {
		a.refused(who, cmd.Name, false)
	}
	return refusal
}

// refused books a command that does not run. It is not billed.
func (a *accounts) refused(who *caller, name string, unsupported bool) {
	who.tab.Note(ledger.Command{
		At: who.at, Component: *who.component.Load(), Transport: who.transport, Name: name,
		Unsupported: unsupported, Rejected: !unsupported,
	})
	who.tab.Settle()
}

// inner books a command that a script called; the engine tells.
func (a *accounts) inner(conn uint64, script, name string, args []string) {
	a.mu.RLock()
	who := a.byEngineConn[conn]
	a.mu.RUnlock()
	if who == nil {
		return // a connection that is not a client's
	}
	times := a.billing.timesInner(name)
	a.quota.add(times)
	a.ledger.Note(ledger.Command{
		Component: *who.component.Load(), Transport: who.transport, Name: name, Script: script,
		Group: a.groupInner(name, args), Inner: true, Billed: times > 0, Times: repeats(times),
	})
}

// attach says on whose account scripts run on an engine connection.
func (a *accounts) attach(conn uint64, who *caller) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.byEngineConn[conn] = who
}

// detach ends that for a connection that is not used any more; not at once, for
// the engine may still be running what it was sent.
func (a *accounts) detach(conn uint64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.detached = append(a.detached, conn); len(a.detached) > maxDetached {
		delete(a.byEngineConn, a.detached[0])
		a.detached = a.detached[1:]
	}
}

// payload is what Upstash measures of a request: the bytes of its words.
func payload(args [][]byte) (n int64) {
	for _, arg := range args {
		n += int64(len(arg))
	}
	return n
}
