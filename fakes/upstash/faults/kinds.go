package faults

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// level is what a kind decides about, each time anew.
type level uint8

const (
	onConnection level = 1 << iota // over TCP
	onRequest                      // over REST
	onCommand
	onAccept // before there is a connection
	onServer // an action
)

// trait is what a kind is and takes.
type trait struct {
	levels level
	needs  []string // fields that must be set
	takes  []string // fields that may be, besides those of its levels
}

// traits is the table of kinds.
var traits = map[Kind]trait{
	Latency:     {levels: onConnection | onRequest, needs: []string{"delay"}, takes: []string{"jitter", "direction"}},
	Reset:       {levels: onConnection | onRequest, takes: []string{"bytes"}},
	Refuse:      {levels: onAccept, takes: []string{"text"}},
	Bandwidth:   {levels: onConnection, needs: []string{"rate"}, takes: []string{"direction"}},
	HalfOpen:    {levels: onConnection},
	Status:      {levels: onRequest, needs: []string{"code"}, takes: []string{"retry-after", "json", "text"}},
	SlowBody:    {levels: onRequest, needs: []string{"rate"}},
	Truncate:    {levels: onRequest, takes: []string{"bytes"}},
	LostAnswer:  {levels: onRequest},
	Error:       {levels: onCommand, needs: []string{"text"}},
	Loading:     {levels: onCommand},
	ReadOnly:    {levels: onCommand},
	QuotaSpent:  {levels: onServer},
	ScriptFlush: {levels: onServer, takes: []string{"every"}},
	Failover:    {levels: onServer, takes: []string{"every", "downtime"}},
	ClockJump:   {levels: onServer, needs: []string{"by"}},
}

// Kinds lists all kinds, sorted.
func Kinds() []Kind {
	all := make([]Kind, 0, len(traits))
	for kind := range traits {
		all = append(all, kind)
	}
	slices.Sort(all)
	return all
}

// accepts says whether a fault of these traits may have the field set.
func (t trait) accepts(field string) bool {
	switch field {
	case "name", "after", "for":
		return true
	case "probability", "count":
		return t.levels != onServer
	case "transport", "door":
		return t.levels != onServer
	case "component":
		return t.levels&(onConnection|onRequest|onCommand) != 0
	case "command":
		return t.levels&(onRequest|onCommand) != 0
	}
	return slices.Contains(t.needs, field) || slices.Contains(t.takes, field)
}

// transports are those on which the kind exists.
func (t trait) has(transport string) bool {
	switch {
	case t.levels&(onCommand|onAccept|onServer) != 0:
		return true
	case transport == TransportTCP:
		return t.levels&onConnection != 0
	default:
		return t.levels&onRequest != 0
	}
}

// checkFields says which field the kind does not take, or wants.
func (f *Fault) checkFields() error {
	t, known := traits[f.Kind]
	if !known {
		return fmt.Errorf("kind is %s: choose one of %s", clip(string(f.Kind)), kindNames())
	}
	for _, field := range fields {
		switch given := field.get(f) != ""; {
		case given && !t.accepts(field.name):
			return fmt.Errorf("%s: a fault of kind %s takes none", field.name, f.Kind)
		case !given && slices.Contains(t.needs, field.name):
			return fmt.Errorf("%s is not set: a fault of kind %s needs it", field.name, f.Kind)
		}
	}
	return nil
}

func kindNames() string {
	names := make([]string, 0, len(traits))
	for _, kind := range Kinds() {
		names = append(names, string(kind))
	}
	return strings.Join(names, ", ")
}

// transport is the one that the fault is bound to, by its selectors; "" for both.
func (f *Fault) transport() string {
	switch f.Door {
	case DoorRESP, DoorTLS:
		return TransportTCP
	case DoorREST:
		return TransportREST
	}
	return f.Transport
}

// overTCP says whether the fault can concern TCP connections.
func (f *Fault) overTCP() bool {
	return cmp.Or(f.transport(), TransportTCP) == TransportTCP && traits[f.Kind].has(TransportTCP)
}

// overREST says whether the fault can concern HTTP requests.
func (f *Fault) overREST() bool {
	return cmp.Or(f.transport(), TransportREST) == TransportREST && traits[f.Kind].has(TransportREST)
}
