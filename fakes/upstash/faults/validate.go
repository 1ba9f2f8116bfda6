package faults

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"tollgate/fakes/upstash/commands"
)

// ErrInvalid is what every error about the fields of a Fault wraps.
var ErrInvalid = errors.New("faults: invalid fault")

// maxText is how long a name, a selector or a text may be: 4 KiB.
const maxText = 4 << 10

// Validate says what is wrong, naming the field. The error wraps ErrInvalid.
func (f Fault) Validate() error {
	f.normalize()
	for _, check := range []func(*Fault) error{
		(*Fault).checkFields, (*Fault).checkRanges, (*Fault).checkSelectors, (*Fault).checkShape,
	} {
		if err := check(&f); err != nil {
			return fmt.Errorf("%w: %w", ErrInvalid, err)
		}
	}
	return nil
}

// normalize gives selectors the case in which they are compared.
func (f *Fault) normalize() {
	f.Command = strings.ToUpper(f.Command)
	f.Transport = strings.ToLower(f.Transport)
	f.Door = strings.ToLower(f.Door)
	f.Direction = strings.ToLower(f.Direction)
}

func (f *Fault) checkRanges() error {
	if p := f.share(); math.IsNaN(p) || p < 0 || p > 1 {
		return fmt.Errorf("probability is %v: give 0 (never) to 1 (always)", p)
	}
	for _, d := range []struct {
		name  string
		value time.Duration
	}{
		{"after", f.After},
		{"for", f.For},
		{"every", f.Every},
		{"delay", f.Delay},
		{"jitter", f.Jitter},
		{"retry-after", f.RetryAfter},
		{"downtime", f.Downtime},
	} {
		if d.value < 0 {
			return fmt.Errorf("%s is %v: it cannot be negative", d.name, d.value)
		}
	}
	for _, n := range []struct {
		name  string
		value int64
	}{{"count", int64(f.Count)}, {"rate", f.Rate}, {"bytes", f.Bytes}} {
		if n.value < 0 {
			return fmt.Errorf("%s is %d: it cannot be negative", n.name, n.value)
		}
	}
	for _, text := range []struct{ name, value string }{
		{"name", f.Name}, {"component", f.Component}, {"command", f.Command}, {"text", f.Text},
	} {
		if len(text.value) > maxText {
			return fmt.Errorf("%s has %d bytes: %d are allowed", text.name, len(text.value), maxText)
		}
		if strings.ContainsAny(text.value, "\r\n") {
			return fmt.Errorf("%s has a line break: leave it out", text.name)
		}
	}
	return nil
}

func (f *Fault) checkSelectors() error {
	t := traits[f.Kind]
	switch f.Transport {
	case "", TransportTCP, TransportREST:
	default:
		return fmt.Errorf("transport is %s: give tcp or rest", clip(f.Transport))
	}
	switch f.Door {
	case "", DoorRESP, DoorTLS, DoorREST:
	default:
		return fmt.Errorf("door is %s: give resp, tls or rest", clip(f.Door))
	}
	bound := f.transport()
	switch {
	case f.Transport != "" && bound != f.Transport:
		return fmt.Errorf("door is %s: it is not of transport %s", f.Door, f.Transport)
	case bound != "" && !t.has(bound):
		return fmt.Errorf("%s: there is no %s over %s", f.boundBy(), f.Kind, bound)
	case f.Command == "":
		return nil
	case f.overTCP() && t.levels&onConnection != 0:
		return fmt.Errorf("command: a connection has none; add transport=rest to select requests by command")
	case !knownCommand(f.Command):
		return fmt.Errorf("command is %s: Upstash has none of that name", clip(f.Command))
	}
	return nil
}

// boundBy is the field that binds the fault to one transport.
func (f *Fault) boundBy() string {
	if f.Door != "" {
		return "door"
	}
	return "transport"
}

func knownCommand(name string) bool {
	for _, c := range commands.All() {
		if names(name, c.Name) {
			return true
		}
	}
	return false
}

// names says whether a selector means a command: by its name, or by the first
// word of it. An empty one means all.
func names(selector, command string) bool {
	if selector == "" {
		return true
	}
	rest, ok := strings.CutPrefix(command, selector)
	return ok && (rest == "" || rest[0] == ' ')
}

// checkShape looks at what only makes sense together.
func (f *Fault) checkShape() error {
	tcp := f.overTCP()
	switch f.Kind {
	case Latency:
		return f.checkLatency(tcp)
	case Bandwidth:
		return f.checkDirection()
	case Reset:
		if f.Bytes > 0 && f.transport() != TransportTCP {
			return errors.New("bytes: only TCP connections are reset in the middle; add transport=tcp, or use truncate")
		}
	case Refuse:
		if f.Text != "" && f.transport() != TransportTCP {
			return errors.New("text: only RESP clients are told; add transport=tcp")
		}
	case Status:
		switch {
		case f.Code < 400 || f.Code > 599:
			return fmt.Errorf("code is %d: give 400 to 599", f.Code)
		case f.RetryAfter > 0 && f.Code != 429 && f.Code != 503:
			return fmt.Errorf("retry-after: status %d has none; 429 and 503 have", f.Code)
		}
	case ClockJump, ScriptFlush, Failover:
		if f.For > 0 && f.Every == 0 {
			return fmt.Errorf("for: a %s is done at once; only one with every goes on", f.Kind)
		}
		if f.Every > 0 && f.Downtime >= f.Every {
			return fmt.Errorf("downtime is %v: it must be shorter than every (%v)", f.Downtime, f.Every)
		}
	}
	return nil
}

func (f *Fault) checkLatency(tcp bool) error {
	switch {
	case f.Jitter > f.Delay:
		return fmt.Errorf("jitter is %v: it cannot exceed delay (%v)", f.Jitter, f.Delay)
	case tcp && f.Delay%time.Millisecond != 0:
		return fmt.Errorf("delay is %v: over TCP it counts in milliseconds", f.Delay)
	case tcp && f.Jitter%time.Millisecond != 0:
		return fmt.Errorf("jitter is %v: over TCP it counts in milliseconds", f.Jitter)
	case !tcp && f.Direction != "":
		return errors.New("direction: only TCP connections have one")
	}
	return f.checkDirection()
}

func (f *Fault) checkDirection() error {
	switch f.Direction {
	case "", Down, Up, Both:
		return nil
	}
	return fmt.Errorf("direction is %s: give down (to the client), up or both", clip(f.Direction))
}
