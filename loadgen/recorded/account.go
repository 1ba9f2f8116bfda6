package recorded

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

const (
	// MaxBytes is the largest account that is read: 64 MiB.
	MaxBytes = 64 << 20
	// version is that of the account's JSON.
	version = 1
	// maxTimes is the largest number that an account may have. Sums of a million of them do not overflow.
	maxTimes = 1e12
)

// ErrAccount means that no profile can be made of an account; the error that wraps it says why.
var ErrAccount = errors.New("no profile can be made of the account")

// account is what is read of the fake's JSON document.
type account struct {
	Version    int         `json:"version"`
	At         time.Time   `json:"at"`
	Since      *time.Time  `json:"since"`
	Total      counts      `json:"total"`
	Components []component `json:"components"`
	Scripts    []script    `json:"scripts"`
	Groups     []group     `json:"groups"`
	Minutes    timeline    `json:"minutes"`
	// ByComponent is in the fake's /ledger, which is no account.
	ByComponent json.RawMessage `json:"by_component"`
}

// counts are commands that were sent, commands called inside scripts, and what was billed of both.
type counts struct {
	Wire   int64 `json:"wire"`
	Inner  int64 `json:"inner"`
	Billed int64 `json:"billed"`
}

type component struct {
	Name string `json:"name"`
	counts
	Commands []command `json:"commands"`
}

type command struct {
	Name string `json:"name"`
	counts
}

type script struct {
	SHA1  string   `json:"sha1"`
	Calls []callee `json:"calls"`
}

type callee struct {
	Name  string `json:"name"`
	Times int64  `json:"times"`
}

// group is what went to the keys of one hash tag, with asynq of one queue.
type group struct {
	Name string `json:"name"`
	counts
}

type timeline struct {
	Step       time.Duration `json:"step_ns"`
	Components []string      `json:"components"`
	Slots      []slot        `json:"slots"`
}

type slot struct {
	At     time.Time `json:"at"`
	Billed []int64   `json:"billed"`
}

// read reads and checks an account. Every error is ErrAccount, but for that of r.
func read(r io.Reader) (account, error) {
	data, err := io.ReadAll(io.LimitReader(r, MaxBytes+1))
	if err != nil {
		return account{}, err
	}
	if len(data) > MaxBytes {
		return account{}, refuse("it has more than %d bytes", MaxBytes)
	}
	var a account
	if err := json.Unmarshal(data, &a); err != nil {
		return account{}, refuse("it is not the JSON of one: %v", err)
	}
	return a, a.check()
}

func refuse(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrAccount, fmt.Sprintf(format, args...))
}

func (a account) check() error {
	switch {
	case a.Version == 0 && a.ByComponent != nil:
		return refuse("it is what the fake has at /ledger, which says nothing of time; take /account")
	case a.Version == 0:
		return refuse("it has no version; take what the fake has at /account, or prints at its end with --json")
	case a.Version != version:
		return refuse("its version is %d; version %d is what can be read", a.Version, version)
	case a.Since == nil:
		return refuse("nothing was recorded in it")
	case !a.plausible():
		return refuse("it has numbers that are negative or beyond %.0g", maxTimes)
	case a.Total.Wire > 0 && a.silent():
		return refuse("it does not say which component sent which commands, as it comes from an older program; record it anew")
	}
	return nil
}

// plausible says whether all numbers that are used can be counts.
func (a account) plausible() bool {
	numbers := []int64{a.Total.Wire, a.Total.Inner, a.Total.Billed}
	for _, c := range a.Components {
		for _, command := range c.Commands {
			numbers = append(numbers, command.Wire, command.Inner)
		}
	}
	for _, s := range a.Scripts {
		for _, c := range s.Calls {
			numbers = append(numbers, c.Times)
		}
	}
	for _, g := range a.Groups {
		numbers = append(numbers, g.Billed)
	}
	for _, s := range a.Minutes.Slots {
		numbers = append(numbers, s.Billed...)
	}
	for _, n := range numbers {
		if n < 0 || n > maxTimes {
			return false
		}
	}
	return true
}

// silent says whether no component has commands.
func (a account) silent() bool {
	for _, c := range a.Components {
		if len(c.Commands) > 0 {
			return false
		}
	}
	return true
}

// sent is how often a component sent a command.
func (a account) sent(name, command string) int64 {
	for _, c := range a.Components {
		if c.Name == name {
			return c.count(command).Wire
		}
	}
	return 0
}

// count is how often a component sent a command, and called it inside scripts.
func (c component) count(name string) counts {
	for _, command := range c.Commands {
		if command.Name == name {
			return command.counts
		}
	}
	return counts{}
}

// most is how many components an error names.
const most = 5

// names lists the components that cost most.
func (a account) names() string {
	var names []string
	for _, c := range a.Components[:min(most, len(a.Components))] {
		names = append(names, fmt.Sprintf("%q", c.Name))
	}
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}
