package upstash

import "tollgate/fakes/upstash/resp"

// event is what a value of a subscribed connection is.
type event uint8

const (
	eventReply        event = iota // an ordinary reply, PING's "pong" included
	eventMessage                   // nobody asked for it
	eventSubscribe                 // one channel of a SUBSCRIBE
	eventUnsubscribe               // one channel of an UNSUBSCRIBE
	eventPSubscribe                // one pattern of a PSUBSCRIBE
	eventPUnsubscribe              // one pattern of a PUNSUBSCRIBE
)

func eventOf(v resp.Value) event {
	if (v.Kind != resp.Array && v.Kind != resp.Push) || len(v.Array) < 3 {
		return eventReply
	}
	switch string(v.Array[0].Str) {
	case "message", "pmessage":
		return eventMessage
	case "subscribe":
		return eventSubscribe
	case "unsubscribe":
		return eventUnsubscribe
	case "psubscribe":
		return eventPSubscribe
	case "punsubscribe":
		return eventPUnsubscribe
	}
	return eventReply
}

// topics are the channels and patterns a connection is subscribed to, as the
// engine's replies tell.
type topics struct {
	channels map[string]bool
	patterns map[string]bool
}

func (t *topics) any() bool { return len(t.channels)+len(t.patterns) > 0 }

// held is how many replies an unsubscription from everything gets: one per
// channel or pattern, and at least one.
func (t *topics) held(e event) int {
	if e == eventPUnsubscribe {
		return max(1, len(t.patterns))
	}
	return max(1, len(t.channels))
}

func (t *topics) apply(e event, v resp.Value) {
	name := string(v.Array[1].Str)
	switch e {
	case eventSubscribe:
		t.channels = with(t.channels, name)
	case eventPSubscribe:
		t.patterns = with(t.patterns, name)
	case eventUnsubscribe:
		delete(t.channels, name)
	case eventPUnsubscribe:
		delete(t.patterns, name)
	}
}

func with(set map[string]bool, name string) map[string]bool {
	if set == nil {
		set = map[string]bool{}
	}
	set[name] = true
	return set
}
