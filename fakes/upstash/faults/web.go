package faults

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"tollgate/fakes/upstash/commands"
)

// answerTimeout bounds the writing of an answer that was late, and of one step of
// a slow body.
const answerTimeout = time.Minute

// exchange is what faults make of one HTTP request.
type exchange struct {
	control *http.ResponseController
	decided bool
	instead *active // its commands do not run: a Status or a Reset
	answer  *active // its answer arrives otherwise: LostAnswer, Truncate or SlowBody
}

type exchangeKey struct{}

// Web has faults act on what next answers, which must ask Admit before it runs
// commands. While no fault is on it costs an atomic load.
func (h Hooks) Web(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !h.Active() {
			next.ServeHTTP(w, r)
			return
		}
		ex := &exchange{control: http.NewResponseController(w)}
		r = r.WithContext(context.WithValue(r.Context(), exchangeKey{}, ex))
		body := &bodyWriter{ResponseWriter: w, ctx: r.Context(), exchange: ex}
		next.ServeHTTP(body, r)
		ex.end(w)
	})
}

// end does what is to be done once the handler has answered.
func (ex *exchange) end(w http.ResponseWriter) {
	switch {
	case ex.instead != nil && ex.instead.Kind == Status:
		ex.instead.writeStatus(w)
	case ex.instead != nil, ex.answer != nil && ex.answer.Kind == LostAnswer:
		ex.hangUp()
	case ex.answer != nil && ex.answer.Kind == Truncate:
		_ = ex.control.Flush()      // a client that left needs no answer
		panic(http.ErrAbortHandler) // as net/http wants it: it hangs up
	}
}

// delay waits, and then gives the answer as long as it would have had.
func (ex *exchange) delay(ctx context.Context, d time.Duration) {
	sleep(ctx, d)
	_ = ex.control.SetWriteDeadline(time.Now().Add(answerTimeout)) // where there is none, none is missed
}

// hangUp closes the connection without an answer.
func (ex *exchange) hangUp() {
	conn, _, err := ex.control.Hijack()
	if err != nil {
		panic(http.ErrAbortHandler) // as net/http wants it
	}
	cutOff(conn)
}

// Admit decides what becomes of a request, of this component with these commands,
// and waits if it is to be late. false means that the commands must not run:
// whatever the handler then answers, the client gets something else. It decides
// once for each request.
func (h Hooks) Admit(ctx context.Context, component string, cmds [][][]byte) bool {
	ex, _ := ctx.Value(exchangeKey{}).(*exchange)
	switch {
	case ex == nil:
		return true
	case ex.decided:
		return ex.instead == nil
	}
	ex.decided = true
	for _, phase := range []struct {
		kinds []Kind
		then  func(*active) (last bool)
	}{
		{kinds: []Kind{Latency}, then: func(a *active) bool { ex.delay(ctx, a.wait()); return false }},
		{kinds: []Kind{Status, Reset}, then: func(a *active) bool { ex.instead = a; return true }},
		{kinds: []Kind{LostAnswer, Truncate, SlowBody}, then: func(a *active) bool { ex.answer = a; return true }},
	} {
		for _, a := range h.r.current() {
			if slices.Contains(phase.kinds, a.Kind) && a.hits(component, cmds) && phase.then(a) {
				break
			}
		}
		if ex.instead != nil {
			break
		}
	}
	return ex.instead == nil
}

// hits decides whether the fault fires for a request.
func (a *active) hits(component string, cmds [][][]byte) bool {
	if !a.overREST() || !a.selects(component, TransportREST, DoorREST) || !a.selectsOneOf(cmds) {
		return false
	}
	return a.hit(func() string {
		what := "a request"
		if len(cmds) > 0 {
			what = commands.Name(cmds[0])
		}
		if more := len(cmds) - 1; more > 0 {
			what += fmt.Sprintf(" and %d more", more)
		}
		return fmt.Sprintf("%s of %s over rest", what, component)
	})
}

func (a *active) selectsOneOf(cmds [][][]byte) bool {
	if a.Command == "" {
		return true
	}
	for _, args := range cmds {
		if names(a.Command, commands.Name(args)) {
			return true
		}
	}
	return false
}

// sleep waits for d, or until ctx ends.
func sleep(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
