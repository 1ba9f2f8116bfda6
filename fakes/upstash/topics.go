package upstash

import "tollgate/fakes/upstash/resp"

// maxLeft is how many topics that were left are still known.
const maxLeft = 1024

// event is what a value of a subscribed connection is.
type event uint8

const (
	eventReply        event = iota // an ordinary reply, PING's "pong" included
	eventMessage                   // nobody asked for it
	eventLate                      // a message of a topic that was left; see eventOf
	eventSubscribe                 // one channel of a SUBSCRIBE
	eventUnsubscribe               // one channel of an UNSUBSCRIBE
	eventPSubscribe                // one pattern of a PSUBSCRIBE
	eventPUnsubscribe              // one pattern of a PUNSUBSCRIBE
)

// subscriptionEvents are the events that commands about topics are answered with.
var subscriptionEvents = map[string]event{
	"SUBSCRIBE": eventSubscribe, "PSUBSCRIBE": eventPSubscribe,
	"UNSUBSCRIBE": eventUnsubscribe, "PUNSUBSCRIBE": eventPUnsubscribe,
}

// topics are the channels and patterns a connection is subscribed to.
type topics struct {
	channels map[string]bool
	patterns map[string]bool
	left     map[string]bool // channels and patterns, at most maxLeft
}

// eventOf tells messages from replies. The embedded engine may send a message
// just after the reply that ended its subscription, which Redis never does.
func (t *topics) eventOf(v resp.Value) event {
	if (v.Kind != resp.Array && v.Kind != resp.Push) || len(v.Array) < 3 {
		return eventReply
	}
	switch string(v.Array[0].Str) {
	case "message":
		return t.message(t.channels, v)
	case "pmessage":
		return t.message(t.patterns, v)
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

func (t *topics) message(held map[string]bool, v resp.Value) event {
	name := v.Array[1].Str
	switch {
	case held[string(name)]:
		return eventMessage
	case t.left[string(name)] || v.Kind == resp.Push:
		return eventLate
	}
	return eventReply // a list that only looks like it
}

// any says whether there are subscriptions, ever whether there were some.
func (t *topics) any() bool  { return len(t.channels)+len(t.patterns) > 0 }
func (t *topics) ever() bool { return t.any() || len(t.left) > 0 }

// ask takes note of a command about topics and says how many replies it gets:
// one per name; where an unsubscription names none, one for each that is held,
// and at least one.
func (t *topics) ask(e event, names [][]byte) (replies int) {
	if len(names) > 0 {
		for _, name := range names {
			t.apply(e, string(name))
		}
		return len(names)
	}
	switch e {
	case eventUnsubscribe:
		replies = max(1, len(t.channels))
		clear(t.channels)
	case eventPUnsubscribe:
		replies = max(1, len(t.patterns))
		clear(t.patterns)
	}
	return replies
}

func (t *topics) apply(e event, name string) {
	switch e {
	case eventSubscribe:
		t.channels = with(t.channels, name)
	case eventPSubscribe:
		t.patterns = with(t.patterns, name)
	case eventUnsubscribe:
		delete(t.channels, name)
		t.leave(name)
	case eventPUnsubscribe:
		delete(t.patterns, name)
		t.leave(name)
	}
}

func (t *topics) leave(name string) {
	if len(t.left) >= maxLeft {
		clear(t.left)
	}
	t.left = with(t.left, name)
}

func with(set map[string]bool, name string) map[string]bool {
	if set == nil {
		set = map[string]bool{}
	}
	set[name] = true
	return set
}
