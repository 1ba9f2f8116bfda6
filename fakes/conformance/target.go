package conformance

import (
	"context"
	"net"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
)

// Traits of targets that transcripts name.
const (
	// TraitRedis is a plain Redis, which is no Upstash.
	TraitRedis = "redis"
	// TraitEmbedded is a fake on the embedded engine, miniredis.
	TraitEmbedded = "embedded"
	// TraitRemote is a fake before a Redis of its own process.
	TraitRemote = "remote"
)

// Target is what the cases run against.
type Target struct {
	// Name is shown in the tests' names.
	Name string
	// Missing is why the target is not there; its cases are then skipped.
	Missing string
	// Traits choose among the answers of a transcript.
	Traits []string
	// Shared is set where the database holds more than the suite's keys: cases that
	// empty or list it are skipped.
	Shared bool
	// Bubble runs each case in a synctest bubble; Open must then start what it opens.
	Bubble bool
	// Version is the Redis it is; "" means the newest.
	Version string
	// Supports says whether it has a command, by its upper-case name; nil means all.
	Supports func(command string) bool
	// Open gives the doors for one case. What has to be closed is t's to clean up.
	Open func(t *testing.T) Doors
}

// Doors are the ways into a target.
type Doors struct {
	// RESP dials a connection that is logged in and speaks RESP2. Nil: no such door.
	RESP func(ctx context.Context) (net.Conn, error)
	// REST is the REST API; an empty URL: no such door.
	REST REST
}

// REST is a REST API and the keys to it.
type REST struct {
	URL   string
	Token string
	// ReadOnlyToken may only read; "" skips the cases that need one.
	ReadOnlyToken string
	// Client sends the requests.
	Client *http.Client
}

// within runs a case's test, in a bubble if the target wants one.
func (target Target) within(t *testing.T, test func(*testing.T)) {
	if target.Bubble {
		synctest.Test(t, test)
		return
	}
	test(t)
}

// reasonToSkip is why a case cannot run on the target, over the given door; "" if it can.
func (target Target) reasonToSkip(c transcript, door string) string {
	labels := append([]string{door}, target.Traits...)
	for _, e := range c.not {
		if slices.Contains(labels, e.label) {
			return e.why
		}
	}
	switch {
	case c.alone && target.Shared:
		return "it touches other keys, and the database is shared"
	case c.since != "" && target.Version != "" && compareVersions(target.Version, c.since) < 0:
		return "it needs Redis " + c.since + ", and this is " + target.Version
	case isREST(door) && c.tcpOnly != "":
		return c.tcpOnly
	}
	for _, name := range c.commands() {
		if target.Supports != nil && !target.Supports(name) {
			return "there is no " + name + " here"
		}
	}
	return ""
}
