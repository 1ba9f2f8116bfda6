// Package ledger keeps the fake's account of every command and connection: the
// ground truth that scenarios are judged by.
//
// # What it does
//
// Record takes one command: who sent it (component), over which transport, its
// name and script, whether it ran inside Lua, and whether and how often it is
// billed. Refund takes one off the bill again, and Gap books that some may be
// missing. Totals per component, command and
// script are kept for good; the commands themselves in a ring of bounded size;
// per-second sums in a bounded series. Breakdown has the account further apart: by
// transport, by what was refused and what scripts call, and by component over
// seconds and minutes, all of it bounded. Connections are counted by id, so that
// open, peak and opened are exact in total and per component, also when a
// connection gets its name after it was opened.
//
// # What it does not
//
// It decides nothing: whether a command is billed, unsupported or rejected is
// said by whoever records it.
//
// All methods are safe for concurrent use. Snapshot is a deep copy.
package ledger
