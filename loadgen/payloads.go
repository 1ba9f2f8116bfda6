package loadgen

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
)

// ErrUnknownQueue is returned for a queue that has no payload.
var ErrUnknownQueue = errors.New("loadgen: no payload is known for queue")

// payloads has one entry per queue: the payload of a job about one user, in the
// form that the queue's processor reads.
var payloads = map[string]func(user string) any{
	"webhook-health-check":    aboutUser,
	"notification-reminder":   aboutUser,
	"token-health-reminder":   aboutUser,
	"adaptive-sync":           aboutUser,
	"webhook-renewal":         aboutUser,
	"suggestion-regeneration": aboutUser,
	"batch-notifications":     oneNotification,
	"suggestion-generation":   aboutUser,
	"token-refresh":           aboutUser,
	"calendar-sync":           aboutUser,
	"google-contacts-sync":    aboutUser,
}

// Queues lists the queues that jobs can be made for, in alphabetical order.
func Queues() []string { return slices.Sorted(maps.Keys(payloads)) }

// Payload is the JSON payload of a job of queue about user.
func Payload(queue, user string) ([]byte, error) {
	build, ok := payloads[queue]
	if !ok {
		return nil, fmt.Errorf("%w %q", ErrUnknownQueue, queue)
	}
	data, err := json.Marshal(build(user))
	if err != nil {
		return nil, fmt.Errorf("loadgen: payload for %s: %w", queue, err)
	}
	return data, nil
}

func aboutUser(user string) any {
	return struct {
		User string `json:"user"`
	}{user}
}

// notification is one text of a batch.
type notification struct {
	User string `json:"user"`
	Text string `json:"text"`
}

func oneNotification(user string) any {
	return struct {
		Notifications []notification `json:"notifications"`
	}{[]notification{{User: user, Text: "You have an appointment today."}}}
}
