// Package meter makes of a ledger what somebody wants to know who pays: what was billed to whom and for what, how
// much of it goes on while nothing is to do, and what a month of it costs on each plan.
//
// # What it does
//
// Take reads the ledger and gives an Account, which is what the admin page, its JSON, the Prometheus metrics and the
// program's last words all show. Project makes the month figures of it.
//
// # How a month is projected
//
// Minutes are counted from the first command or connection; those of the latest day are looked at. Only those that are
// over count; without one there is no projection. The month has 30 days.
//
//   - The total is the mean of all these minutes, as if the month went on like that.
//   - Rest is the mean of the quietest stretch of minutes: at least 5 in a row, or a third of all there are, at least
//     one, while there are fewer than 15. Work is the total without rest.
//   - Minutes in which the application was not there are left out: those without a command and without a TCP
//     connection, if there ever was a TCP connection. An application that uses REST alone is taken to be there always.
//
// Each figure comes with its window, and with how sure it is: low for fewer than 5 minutes at rest, good where the
// busiest of them has at most a fifth more than the quietest, else fair.
//
// # What it does not
//
// It cannot tell rest from work by looking at commands. If the application was never at rest, rest is as much too high
// as there was work in its quietest minutes; if something happens more seldom than the stretch is long, it may be
// missing from rest, though not from the total. It knows neither data size nor bandwidth.
package meter
