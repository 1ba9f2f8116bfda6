package faults

import "time"

// MaxFirings is how many firings of a fault are kept one by one: the newest.
const MaxFirings = 256

// State is where a fault is in its life.
type State string

// The states of a fault.
const (
	Waiting State = "waiting" // for its After to pass
	On      State = "on"
	// Spent is on, but it has fired Count times. What it did to connections stays
	// until it ends.
	Spent State = "spent"
	Ended State = "ended" // its For has passed, or it was done at once
)

// Report is what a fault has done so far.
type Report struct {
	Fault Fault `json:"fault"`
	State State `json:"state"`
	// Decisions is how often it could have fired, Fired how often it did.
	Decisions int64 `json:"decisions"`
	Fired     int64 `json:"fired"`
	// First and Last are when it fired; zero if it never did.
	First time.Time `json:"first,omitzero"`
	Last  time.Time `json:"last,omitzero"`
	// Firings are the newest MaxFirings, oldest first.
	Firings []Firing `json:"firings,omitempty"`
	// Failure is why an action that was due later could not be done; "" if it could.
	Failure string `json:"failure,omitempty"`
}

// Firing is one time that a fault fired.
type Firing struct {
	At time.Time `json:"at"`
	// On is what it hit, such as "connection 7 at resp" or "EVALSHA of cache over rest".
	On string `json:"on"`
}
