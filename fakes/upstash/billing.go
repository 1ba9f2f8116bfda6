package upstash

import "tollgate/fakes/upstash/commands"

// Billing is what goes on the bill where Upstash does not say, or where it depends
// on the database. The zero value is the reading that costs more, in one region.
type Billing struct {
	// LuaOuterOnly bills a script as one command, whatever it calls. Upstash bills
	// each call inside it too: https://upstash.com/docs/redis/sdks/ratelimit-ts/costs.
	LuaOuterOnly bool
	// FreeTransactions leaves MULTI, EXEC and DISCARD off the bill. What is queued
	// between them is billed all the same, as Upstash says.
	FreeTransactions bool
	// FreeClient leaves CLIENT and its sub-commands off the bill.
	FreeClient bool
	// FreeFailures leaves commands off the bill whose reply is an error, such as
	// NOSCRIPT. What a failing script called is billed, and so are commands that
	// fail within EXEC over TCP.
	FreeFailures bool
	// ReadRegions is how many read regions the database has. Each write, scripts
	// included, is billed once for each of them besides the primary region, and on a
	// fixed plan each has a monthly price:
	// https://upstash.com/docs/redis/features/globaldatabase and
	// https://upstash.com/docs/redis/overall/billing.
	ReadRegions int
}

// times is how often a command that a client sends is billed.
func (b Billing) times(cmd commands.Command) int64 {
	switch {
	case cmd.Unbilled, b.FreeClient && isClient(cmd.Name), b.FreeTransactions && isTransaction(cmd.Name):
		return 0
	case cmd.Write:
		return 1 + int64(b.ReadRegions)
	}
	return 1
}

// timesInner is how often a command is billed that a script calls. name has no
// sub-command, so that it may not be in the table.
func (b Billing) timesInner(name string) int64 {
	if b.LuaOuterOnly {
		return 0
	}
	cmd, known := commands.Lookup([][]byte{[]byte(name)})
	if !known {
		cmd = commands.Command{Name: name, Unbilled: !commands.Billed(name)}
	}
	return b.times(cmd)
}

func isTransaction(name string) bool {
	return name == "MULTI" || name == "EXEC" || name == "DISCARD"
}
