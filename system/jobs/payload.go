package jobs

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// ErrPayload means that a job's payload cannot be used. The job is given up.
var ErrPayload = errors.New("malformed payload")

const (
	// maxUser is the length of the longest user identifier in bytes.
	maxUser = 128
	// maxNotifications is how many notifications one batch may hold.
	maxNotifications = 1000
)

// userPayload is the payload of most queues: {"user":"u-17"}.
type userPayload struct {
	User string `json:"user"`
}

func (p userPayload) validate() error { return validUser(p.User) }

// reminderPayload is that of notification-reminder; without a text a general one is sent.
type reminderPayload struct {
	User string `json:"user"`
	Text string `json:"text"`
}

func (p reminderPayload) validate() error { return validUser(p.User) }

// batchPayload is that of batch-notifications.
type batchPayload struct {
	Notifications []reminderPayload `json:"notifications"`
}

func (p batchPayload) validate() error {
	if len(p.Notifications) == 0 {
		return errors.New(`"notifications" is missing or empty`)
	}
	if len(p.Notifications) > maxNotifications {
		return fmt.Errorf(`"notifications" holds %d, more than %d: split the batch`, len(p.Notifications), maxNotifications)
	}
	for i, n := range p.Notifications {
		if err := n.validate(); err != nil {
			return fmt.Errorf("notification %d: %w", i, err)
		}
	}
	return nil
}

// adaptivePayload is that of adaptive-sync. EnqueueFollowUp has the job queue the next calendar-sync itself.
type adaptivePayload struct {
	User            string `json:"user"`
	EnqueueFollowUp bool   `json:"enqueue_follow_up"`
}

func (p adaptivePayload) validate() error { return validUser(p.User) }

// decode reads a payload; its error is ErrPayload and says why. Unknown fields are ignored, so that a newer producer
// works with an older worker.
func decode[P interface{ validate() error }](payload []byte) (P, error) {
	var p P
	if err := json.Unmarshal(payload, &p); err != nil {
		return p, fmt.Errorf("%w: %w", ErrPayload, err)
	}
	if err := p.validate(); err != nil {
		return p, fmt.Errorf("%w: %w", ErrPayload, err)
	}
	return p, nil
}

// validUser accepts identifiers that are safe in a Redis key, a URL and a log line.
func validUser(user string) error {
	switch {
	case user == "":
		return errors.New(`"user" is missing or empty`)
	case len(user) > maxUser:
		return fmt.Errorf(`"user" has %d bytes, more than %d`, len(user), maxUser)
	case strings.ContainsFunc(user, unusual):
		return fmt.Errorf(`"user" %q has characters other than letters, digits and ._-:@+`, user)
	}
	return nil
}

func unusual(r rune) bool {
	letter := 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
	return !letter && !strings.ContainsRune("._-@+:", r)
}
