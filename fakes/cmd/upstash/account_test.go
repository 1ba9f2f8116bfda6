package main

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/fakes/upstash/ledger"
	"tollgate/fakes/upstash/meter"
	"tollgate/fakes/upstash/plan"
)

// TestAccountOfAMonth is what is printed once there was a full minute.
func TestAccountOfAMonth(t *testing.T) {
	noon := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	now := noon
	l := ledger.New(ledger.Config{Clock: func() time.Time { return now }})
	for minute := range 3 {
		now = noon.Add(time.Duration(minute) * time.Minute)
		for range 10 * (minute + 1) {
			l.Record(ledger.Command{Component: "web\x1b[2J", Transport: ledger.TransportREST, Name: "GET", Billed: true})
		}
	}
	l.Gap()
	now = noon.Add(3 * time.Minute)
	free, err := plan.Lookup(plan.Free)
	require.NoError(t, err)

	var out strings.Builder
	printAccount(&out, meter.Take(l, free))
	require.Equal(t, `
billed commands: 60 (sent: 60, called inside Lua: 0)
  or more: commands inside Lua may have been missed, 1 times
  GET                  60
by transport: rest 60 tcp 0
by component:  billed  sent  inside Lua  connections: peak  opened
  web�[2J      60      60    0           0                  0
refused commands: 0 unsupported, 0 rejected
peak connections: 0
if that is all of a month: $0.00 on free; cheapest: free, $0.00
a month at rest: 432000 billed commands, from the quietest stretch, 1 full min (12:00:00 to 12:01:00 UTC, 10.0 a minute)
  confidence low: 1 of 3 full minutes seen so far; 5 at rest are needed for more
a month like this: 864000 billed commands, from 3 full min (12:00:00 to 12:03:00 UTC, 20.0 a minute)
  364000 more than the free plan allows
by plan:                        at rest   like this
  free                          $0.00     over its limit
  payg                          $0.86     $1.73
  fixed-250mb                   $10.00    $10.00
  fixed-1gb                     $20.00    $20.00
  fixed-5gb                     $100.00   $100.00
  fixed-10gb                    $200.00   $200.00
  fixed-50gb                    $400.00   $400.00
  fixed-100gb                   $800.00   $800.00
  fixed-500gb                   $1500.00  $1500.00
by component, billed commands:  at rest   like this
  web�[2J                       432000    864000
`, out.String())
}
