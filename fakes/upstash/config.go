package upstash

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"tollgate/fakes/memnet"
	"tollgate/fakes/upstash/engine"
	"tollgate/fakes/upstash/plan"
)

// Defaults of Config.
const (
	// DefaultUser is the user whom AUTH with a password alone means.
	DefaultUser = "default"
	// DefaultMaxConnections is what Upstash allowed on most plans.
	DefaultMaxConnections = 10_000
	// DefaultMaxRequestBytes is the request size of the smaller plans: 10 MiB.
	DefaultMaxRequestBytes = 10 << 20
	// DefaultMaxKeyBytes is the key size of every plan: 32 KiB.
	DefaultMaxKeyBytes = 32 << 10
)

// Token is a REST token.
type Token struct {
	Value string
	// Component is who the ledger books its commands for; empty means "rest".
	Component string
	// ReadOnly refuses writes and some powerful reads.
	ReadOnly bool
}

// User is who logs in over TCP.
type User struct {
	Name string
	// Password is empty for a user who needs none. Connections are DefaultUser's
	// from the start if that one needs none.
	Password string
	// ReadOnly refuses writes and some powerful reads.
	ReadOnly bool
}

// Plan is the limits of what is paid for: one of package plan's, or limits of
// one's own. A zero MaxConnections, MaxRequestBytes or MaxKeyBytes means its
// default; a zero MonthlyCommands, CommandsPerSecond, DataBytes or MaxRecordBytes
// means no limit.
type Plan = plan.Plan

// Config says what to start. A zero field means its default.
type Config struct {
	// Network is what to listen on; nil means memnet.TCP().
	Network memnet.Network
	// The doors: RESP, RESP over TLS, the REST API (plain HTTP) and the admin API.
	// "" keeps a door shut, "127.0.0.1:0" picks a free port. One must be open.
	RESPAddr, TLSAddr, RESTAddr, AdminAddr string
	// Tokens open the REST door; it needs at least one.
	Tokens []Token
	// Users may log in over TCP; none means DefaultUser without a password. Where
	// there is a read-only token and no user default_ro, that user is added with the
	// token for a password.
	Users []User
	// Engine holds the data and stays its owner's to close; nil means an
	// engine.Embedded, which Server.Close closes.
	Engine engine.Engine
	// DedicatedConnections gives each TCP client a connection of its own at the
	// engine, as soon as it comes: the engine's CLIENT LIST then shows what the ledger
	// counts. Otherwise clients share one for commands that need none of their own,
	// which is faster.
	DedicatedConnections bool
	// Plan is what limits apply. Those of data and records are kept if the engine can
	// measure itself, as the embedded one can.
	Plan Plan
	// MeasureEngine keeps the limits of data and records with other engines too, by
	// SCAN and by MEMORY USAGE of every key: at the start, and again each time that
	// what was written could have passed a limit. A real Upstash bills those.
	MeasureEngine bool
	// Billing is what goes on the bill where Upstash does not say.
	Billing Billing
	// IdleTimeout closes a TCP connection that has sent nothing for that long and is
	// owed nothing; those that are subscribed or monitor stay open. 0 means never,
	// for what Upstash does is not published: it has been 60 seconds and 310, and on
	// Fly.io an hour and a day.
	IdleTimeout time.Duration
	// HashTags has the ledger split its account by what the keys of a command have in
	// braces (see Redis Cluster's hash tags): asynq and Bull put the queue's name there.
	// It costs a look at each key.
	HashTags bool
	// LedgerCapacity is how many commands the ledger keeps one by one; 0 means
	// ledger.DefaultCapacity.
	LedgerCapacity int
	// Seed is what the faults of Server.Faults draw from.
	Seed uint64
	// Logger hears of engine and connection trouble; nil discards.
	Logger *slog.Logger
}

// Validate says everything that is wrong with the configuration. It never shows
// a password or a token.
func (c Config) Validate() error {
	var wrong []error
	if c.RESPAddr+c.TLSAddr+c.RESTAddr+c.AdminAddr == "" {
		wrong = append(wrong, errors.New("no door is open: set RESPAddr, TLSAddr, RESTAddr or AdminAddr"))
	}
	if c.RESTAddr != "" && len(c.Tokens) == 0 {
		wrong = append(wrong, errors.New("RESTAddr is set but Tokens is empty: nobody could get in; give a Token"))
	}
	wrong = append(wrong, checkTokens(c.Tokens)...)
	wrong = append(wrong, checkUsers(c.Users)...)
	limits := []struct {
		name  string
		value int64
	}{
		{"Plan.MonthlyCommands", c.Plan.MonthlyCommands},
		{"Plan.MaxConnections", int64(c.Plan.MaxConnections)},
		{"Plan.MaxRequestBytes", c.Plan.MaxRequestBytes},
		{"Plan.MaxKeyBytes", c.Plan.MaxKeyBytes},
		{"Plan.DataBytes", c.Plan.DataBytes},
		{"Plan.MaxRecordBytes", c.Plan.MaxRecordBytes},
		{"Plan.CommandsPerSecond", int64(c.Plan.CommandsPerSecond)},
		{"Billing.ReadRegions", int64(c.Billing.ReadRegions)},
		{"IdleTimeout", int64(c.IdleTimeout)},
		{"LedgerCapacity", int64(c.LedgerCapacity)},
	}
	for _, limit := range limits {
		if limit.value < 0 {
			wrong = append(wrong, fmt.Errorf("%s is %d: must be 0 (for the default) or more", limit.name, limit.value))
		}
	}
	if most := c.Plan.MaxReadRegions; most > 0 && c.Billing.ReadRegions > most {
		wrong = append(wrong, fmt.Errorf("Billing.ReadRegions is %d: plan %q allows %d at most", c.Billing.ReadRegions, c.Plan.Name, most))
	}
	if len(wrong) > 0 {
		return fmt.Errorf("upstash: invalid configuration: %w", errors.Join(wrong...))
	}
	return nil
}

func checkTokens(tokens []Token) (wrong []error) {
	seen := map[string]bool{}
	for i, token := range tokens {
		switch {
		case token.Value == "":
			wrong = append(wrong, fmt.Errorf("no Value in Tokens[%d]", i))
		case seen[token.Value]:
			wrong = append(wrong, fmt.Errorf("the Value of Tokens[%d] is that of one before it", i))
		}
		seen[token.Value] = true
	}
	return wrong
}

func checkUsers(users []User) (wrong []error) {
	seen := map[string]bool{}
	for i, user := range users {
		switch {
		case user.Name == "":
			wrong = append(wrong, fmt.Errorf("no Name in Users[%d]; %q is the one that AUTH with a password alone means", i, DefaultUser))
		case seen[user.Name]:
			wrong = append(wrong, fmt.Errorf("the Name %q of Users[%d] is that of one before it", user.Name, i))
		}
		seen[user.Name] = true
	}
	return wrong
}

func (c Config) withDefaults() Config {
	if c.Network == nil {
		c.Network = memnet.TCP()
	}
	if len(c.Users) == 0 {
		c.Users = []User{{Name: DefaultUser}}
	}
	c.Plan = c.Plan.WithReadRegions(c.Billing.ReadRegions)
	c.Users = withReadOnlyUser(c.Users, c.Tokens)
	c.Plan.MaxConnections = cmp.Or(c.Plan.MaxConnections, DefaultMaxConnections)
	c.Plan.MaxRequestBytes = cmp.Or(c.Plan.MaxRequestBytes, DefaultMaxRequestBytes)
	c.Plan.MaxKeyBytes = cmp.Or(c.Plan.MaxKeyBytes, DefaultMaxKeyBytes)
	c.Logger = cmp.Or(c.Logger, slog.New(slog.DiscardHandler))
	return c
}
