package admin_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tollgate/fakes/upstash/admin"
	"tollgate/fakes/upstash/ledger"
	"tollgate/fakes/upstash/plan"
)

// pedantic gathers the metrics of l by all the rules.
func pedantic(t require.TestingT, l *ledger.Ledger) *prometheus.Registry {
	registry := prometheus.NewPedanticRegistry()
	require.NoError(t, registry.Register(admin.NewCollector(l)))
	return registry
}

func TestMetrics(t *testing.T) {
	now := noon
	l := ledger.New(ledger.Config{Clock: func() time.Time { return now }})
	l.ConnOpened(1)
	l.ConnNamed(1, "worker")
	record := func(c ledger.Command) ledger.Entry {
		c.Component, c.Transport = "worker", ledger.TransportTCP
		return l.Record(c)
	}
	record(ledger.Command{Name: "SET", Billed: true, Times: 3})
	l.Refund(record(ledger.Command{Name: "SET", Billed: true, Times: 3}))
	record(ledger.Command{Name: "PING"})
	record(ledger.Command{Name: "ANYTHING", Unsupported: true})
	record(ledger.Command{Name: "SET", Rejected: true})
	now = noon.Add(time.Minute)

	require.NoError(t, testutil.GatherAndCompare(pedantic(t, l), strings.NewReader(`
# HELP upstash_commands_total Commands that clients sent and that scripts called, and whether they were billed when they came.
# TYPE upstash_commands_total counter
upstash_commands_total{billed="true",command="SET",transport="tcp"} 2
upstash_commands_total{billed="false",command="SET",transport="tcp"} 1
upstash_commands_total{billed="false",command="PING",transport="tcp"} 1
upstash_commands_total{billed="false",command="(unsupported)",transport="tcp"} 1
# HELP upstash_charged_commands_total What was put on the bill, in commands; writes count again for each read region.
# TYPE upstash_charged_commands_total counter
upstash_charged_commands_total{transport="tcp"} 6
# HELP upstash_refunded_commands_total What was taken off the bill again, in commands.
# TYPE upstash_refunded_commands_total counter
upstash_refunded_commands_total{transport="tcp"} 3
# HELP upstash_refused_commands_total Commands that were not run: Upstash has no such, or a limit or permission rejected them.
# TYPE upstash_refused_commands_total counter
upstash_refused_commands_total{reason="rejected",transport="tcp"} 1
upstash_refused_commands_total{reason="unsupported",transport="tcp"} 1
# HELP upstash_component_billed_commands What is on the bill for a component, in commands.
# TYPE upstash_component_billed_commands gauge
upstash_component_billed_commands{component="worker"} 3
# HELP upstash_connections TCP connections: open now, and the most at one time.
# TYPE upstash_connections gauge
upstash_connections{state="open"} 1
upstash_connections{state="peak"} 1
# HELP upstash_month_projected_commands Billed commands of a month of 30 days, projected: at rest, and with work. Absent before the first full minute.
# TYPE upstash_month_projected_commands gauge
upstash_month_projected_commands{part="rest"} 129600
upstash_month_projected_commands{part="work"} 0
`), "upstash_commands_total", "upstash_charged_commands_total", "upstash_refunded_commands_total", "upstash_refused_commands_total",
		"upstash_component_billed_commands", "upstash_connections", "upstash_month_projected_commands"))

	w := send(admin.NewHandler(l, plan.Plan{}), http.MethodGet, "/metrics")
	require.Equal(t, http.StatusOK, w.Code)
	require.Contains(t, w.Body.String(), `upstash_component_connections{component="worker"} 1`)
	require.NotContains(t, w.Body.String(), "go_goroutines", "nothing but the ledger's")
}

func TestMetricsKeepTheConventions(t *testing.T) {
	problems, err := testutil.GatherAndLint(pedantic(t, busy(2)))
	require.NoError(t, err)
	require.Empty(t, problems)
}

// TestMetricsSurviveNames that are not UTF-8, of which Prometheus takes no one, and that come to the same label.
func TestMetricsSurviveNames(t *testing.T) {
	l := newLedger()
	for _, name := range []string{"\xff", "\xfe", "\uFFFD", "a\"b\\c\nd", ""} {
		l.Record(ledger.Command{Component: name, Transport: ledger.TransportREST, Name: name, Billed: true})
	}
	n, err := testutil.GatherAndCount(pedantic(t, l), "upstash_component_commands_total")
	require.NoError(t, err)
	require.Equal(t, 3, n)
}

func TestMetricsAreBounded(t *testing.T) {
	l := newLedger()
	for i := range 3 * ledger.MaxNames {
		l.Record(ledger.Command{Component: fmt.Sprint(i), Transport: ledger.TransportTCP, Name: fmt.Sprint("MADE-UP-", i), Unsupported: true})
	}
	commands, err := testutil.GatherAndCount(pedantic(t, l), "upstash_commands_total")
	require.NoError(t, err)
	require.Equal(t, 1, commands)
	components, err := testutil.GatherAndCount(pedantic(t, l), "upstash_component_commands_total")
	require.NoError(t, err)
	require.Equal(t, ledger.MaxNames+1, components)
}

// TestCountersNeverFall, whatever happens: also when commands are refunded and connections renamed.
func TestCountersNeverFall(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := newLedger()
		registry := pedantic(t, l)
		before := map[string]float64{}
		var entries []ledger.Entry
		for i := range rapid.IntRange(1, 30).Draw(t, "steps") {
			switch rapid.IntRange(0, 4).Draw(t, "what") {
			case 0:
				l.ConnOpened(uint64(i))
			case 1:
				l.ConnNamed(uint64(i-1), "named")
			case 2:
				l.ConnClosed(uint64(i - 1))
				l.ConnRefused("")
			case 3:
				if len(entries) > 0 {
					l.Refund(entries[len(entries)-1])
					entries = entries[:len(entries)-1]
				}
			default:
				entries = append(entries, l.Record(ledger.Command{
					Component: "c", Transport: ledger.TransportREST, Name: "SET",
					Billed: rapid.Bool().Draw(t, "billed"), Rejected: rapid.Bool().Draw(t, "rejected"),
				}))
			}
			families, err := registry.Gather()
			require.NoError(t, err)
			for _, family := range families {
				for _, m := range family.GetMetric() {
					if m.GetCounter() == nil {
						continue
					}
					key := family.GetName() + fmt.Sprint(m.GetLabel())
					require.GreaterOrEqual(t, m.GetCounter().GetValue(), before[key], key)
					before[key] = m.GetCounter().GetValue()
				}
			}
		}
	})
}
