package plan

import (
	"fmt"
	"strings"
)

// The names of the plans that code speaks of.
const (
	Free = "free"
	// PAYG is "pay as you go".
	PAYG = "payg"
)

// Sizes, in bytes.
const (
	mib = 1 << 20
	gib = 1 << 30
)

// Plan is what is paid for and what one gets. Sizes are in bytes, prices in US dollars. The zero value is no
// plan of Upstash's: its limits are the defaults of package upstash.
type Plan struct {
	// Name is how the plan is asked for, such as "fixed-250mb"; "" for limits of one's own.
	Name string
	// MonthlyPrice is paid whatever is used.
	MonthlyPrice float64
	// PricePer100K is paid for each 100,000 billed commands, part by part.
	PricePer100K float64
	// MonthlyCommands is how many billed commands a calendar month (UTC) may have; 0 means any number.
	// Beyond it commands are refused until the next month.
	MonthlyCommands int64
	// CommandsPerSecond is how many commands may run in a second; 0 means any number. What is too much
	// waits and is never refused.
	CommandsPerSecond int
	// MaxRequestBytes is the payload of one command, of one command's result, and over REST of one request.
	MaxRequestBytes int64
	// MaxKeyBytes is the length of a key.
	MaxKeyBytes int64
	// MaxConnections is how many TCP connections may be open at one time.
	MaxConnections int
	// MaxRecordBytes is the size of what is under one key; 0 means any size. Beyond it the record takes no
	// writes.
	MaxRecordBytes int64
	// DataBytes is the size of the whole database; 0 means any size. Beyond it there are no writes but
	// deletions.
	DataBytes int64
	// ReadRegions is how many read regions are paid for; see WithReadRegions.
	ReadRegions int
	// MaxReadRegions is how many read regions a database may have; 0 means that no limit is published.
	MaxReadRegions int
}

// keyBytes is the same on every plan: 32 KB, "hard-coded".
const keyBytes = 32 << 10

// connections is what every plan but the largest allowed when that was last published.
const connections = 10_000

// plans are in order of price. See doc.go for the sources.
var plans = [...]Plan{
	{
		Name: Free, MonthlyCommands: 500_000, CommandsPerSecond: 10_000, MaxRequestBytes: 10 * mib, MaxKeyBytes: keyBytes,
		MaxConnections: connections, MaxRecordBytes: 100 * mib, DataBytes: 256 * mib, MaxReadRegions: 1,
	},
	{
		Name: PAYG, PricePer100K: 0.20, CommandsPerSecond: 10_000, MaxRequestBytes: 10 * mib, MaxKeyBytes: keyBytes,
		MaxConnections: connections, MaxRecordBytes: 100 * mib, DataBytes: 100 * gib,
	},
	{
		Name: "fixed-250mb", MonthlyPrice: 10, CommandsPerSecond: 10_000, MaxRequestBytes: 10 * mib, MaxKeyBytes: keyBytes,
		MaxConnections: connections, MaxRecordBytes: 100 * mib, DataBytes: 250 * mib,
	},
	{
		Name: "fixed-1gb", MonthlyPrice: 20, CommandsPerSecond: 10_000, MaxRequestBytes: 10 * mib, MaxKeyBytes: keyBytes,
		MaxConnections: connections, MaxRecordBytes: 200 * mib, DataBytes: gib,
	},
	{
		Name: "fixed-5gb", MonthlyPrice: 100, CommandsPerSecond: 10_000, MaxRequestBytes: 20 * mib, MaxKeyBytes: keyBytes,
		MaxConnections: connections, MaxRecordBytes: 300 * mib, DataBytes: 5 * gib,
	},
	{
		Name: "fixed-10gb", MonthlyPrice: 200, CommandsPerSecond: 10_000, MaxRequestBytes: 30 * mib, MaxKeyBytes: keyBytes,
		MaxConnections: connections, MaxRecordBytes: 400 * mib, DataBytes: 10 * gib,
	},
	{
		Name: "fixed-50gb", MonthlyPrice: 400, CommandsPerSecond: 10_000, MaxRequestBytes: 50 * mib, MaxKeyBytes: keyBytes,
		MaxConnections: connections, MaxRecordBytes: 500 * mib, DataBytes: 50 * gib,
	},
	{
		Name: "fixed-100gb", MonthlyPrice: 800, CommandsPerSecond: 16_000, MaxRequestBytes: 75 * mib, MaxKeyBytes: keyBytes,
		MaxConnections: connections, MaxRecordBytes: gib, DataBytes: 100 * gib,
	},
	{
		Name: "fixed-500gb", MonthlyPrice: 1500, CommandsPerSecond: 16_000, MaxRequestBytes: 100 * mib, MaxKeyBytes: keyBytes,
		MaxConnections: 100_000, MaxRecordBytes: 5 * gib, DataBytes: 500 * gib,
	},
}

// All returns the plans, the cheapest for little use first.
func All() []Plan { return append([]Plan(nil), plans[:]...) }

// Names returns the names of All, in its order.
func Names() []string {
	names := make([]string, len(plans))
	for i, p := range plans {
		names[i] = p.Name
	}
	return names
}

// Lookup finds a plan by its name. An unknown one is an *UnknownError.
func Lookup(name string) (Plan, error) {
	for _, p := range plans {
		if p.Name == name {
			return p, nil
		}
	}
	return Plan{}, &UnknownError{Name: name}
}

// UnknownError is a name that is no plan's.
type UnknownError struct{ Name string }

// Error names what was asked for and what there is.
func (e *UnknownError) Error() string {
	return fmt.Sprintf("plan: no plan is called %q: choose one of %s", e.Name, strings.Join(Names(), ", "))
}
