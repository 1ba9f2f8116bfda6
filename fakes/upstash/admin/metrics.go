package admin

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"tollgate/fakes/upstash/ledger"
	"tollgate/fakes/upstash/meter"
)

// NewCollector makes the Prometheus metrics of l, for a registry of the caller's choice; GET /metrics has them in one
// of its own. Counters never fall, also where refunds lower the bill. There are as many series as the ledger tells
// names apart, and what Upstash does not have is one command.
func NewCollector(l *ledger.Ledger) prometheus.Collector { return collector{l} }

type collector struct{ ledger *ledger.Ledger }

// metric is a family of metrics.
type metric struct {
	desc   *prometheus.Desc
	kind   prometheus.ValueType
	labels int
}

func newMetric(kind prometheus.ValueType, name, help string, labels ...string) metric {
	return metric{desc: prometheus.NewDesc("upstash_"+name, help, labels, nil), kind: kind, labels: len(labels)}
}

const (
	counter = prometheus.CounterValue
	gauge   = prometheus.GaugeValue
)

var (
	commandsTotal = newMetric(counter, "commands_total",
		"Commands that clients sent and that scripts called, and whether they were billed when they came.", "transport", "command", "billed")
	chargedTotal = newMetric(counter, "charged_commands_total",
		"What was put on the bill, in commands; writes count again for each read region.", "transport")
	refundedTotal = newMetric(counter, "refunded_commands_total", "What was taken off the bill again, in commands.", "transport")
	refusedTotal  = newMetric(counter, "refused_commands_total",
		"Commands that were not run: Upstash has no such, or a limit or permission rejected them.", "transport", "reason")
	componentTotal   = newMetric(counter, "component_commands_total", "Commands that a component sent and that its scripts called.", "component")
	componentBilled  = newMetric(gauge, "component_billed_commands", "What is on the bill for a component, in commands.", "component")
	componentConns   = newMetric(gauge, "component_connections", "TCP connections that a component has open.", "component")
	scriptGaps       = newMetric(counter, "script_gaps_total", "How often commands called inside scripts may have been missed.")
	conns            = newMetric(gauge, "connections", "TCP connections: open now, and the most at one time.", "state")
	connsOpened      = newMetric(counter, "connections_opened_total", "TCP connections that were opened.")
	connsRefused     = newMetric(counter, "connections_refused_total", "TCP connections that the plan had no room for.")
	restConns        = newMetric(gauge, "rest_connections", "HTTP connections of the REST API: open now, and the most at one time.", "state")
	commandsPerMonth = newMetric(gauge, "month_projected_commands",
		"Billed commands of a month of 30 days, projected: at rest, and with work. Absent before the first full minute.", "part")
)

var metrics = []metric{
	commandsTotal, chargedTotal, refundedTotal, refusedTotal, componentTotal, componentBilled, componentConns,
	scriptGaps, conns, connsOpened, connsRefused, restConns, commandsPerMonth,
}

// Describe lists the metrics there may be.
func (c collector) Describe(out chan<- *prometheus.Desc) {
	for _, m := range metrics {
		out <- m.desc
	}
}

// Collect reads the ledger.
func (c collector) Collect(out chan<- prometheus.Metric) {
	s, b := c.ledger.Snapshot(), c.ledger.Breakdown()
	v := values{}
	v.calls(b)
	for name, counts := range s.ByComponent {
		v.add(componentTotal, counts.Wire+counts.Inner, name)
		v.add(componentBilled, counts.Billed, name)
	}
	for name, counts := range s.ConnectionsByComponent {
		v.add(componentConns, counts.Open, name)
	}
	v.add(scriptGaps, s.Gaps)
	v.add(conns, s.Connections.Open, "open")
	v.add(conns, s.Connections.Peak, "peak")
	v.add(connsOpened, s.Connections.Opened)
	v.add(connsRefused, s.Connections.Refused)
	v.add(restConns, s.RESTConnections.Open, "open")
	v.add(restConns, s.RESTConnections.Peak, "peak")
	if p := meter.Project(b.Minutes, b.At); p != nil {
		v.add(commandsPerMonth, p.RestPerMonth, "rest")
		v.add(commandsPerMonth, p.WorkPerMonth, "work")
	}
	v.send(out)
}

// values are the values of series. Names that come to the same label are added up.
type values map[series]int64

type series struct {
	metric metric
	labels [3]string // as many as the metric has
}

func (v values) add(m metric, n int64, labels ...string) {
	s := series{metric: m}
	for i, label := range labels {
		s.labels[i] = strings.ToValidUTF8(label, "\uFFFD") // clients make names up; one that is not UTF-8 would spoil all
	}
	v[s] += n
}

func (v values) calls(b ledger.Breakdown) {
	for _, transport := range []string{ledger.TransportREST, ledger.TransportTCP} {
		for name, calls := range b.Calls[transport] {
			for billed, n := range map[bool]int64{true: calls.Billed, false: calls.Free} {
				if n > 0 {
					v.add(commandsTotal, n, transport, name, strconv.FormatBool(billed))
				}
			}
			v.add(chargedTotal, calls.Charged, transport)
			v.add(refundedTotal, calls.Refunded, transport)
		}
	}
	for _, refused := range b.Refused {
		reason := "rejected"
		if refused.Unsupported {
			reason = "unsupported"
		}
		v.add(refusedTotal, refused.Times, refused.Transport, reason)
	}
}

func (v values) send(out chan<- prometheus.Metric) {
	for s, n := range v {
		out <- prometheus.MustNewConstMetric(s.metric.desc, s.metric.kind, float64(n), s.labels[:s.metric.labels]...)
	}
}

// metricsHandler serves the metrics of l and nothing else.
func metricsHandler(l *ledger.Ledger) http.Handler {
	registry := prometheus.NewRegistry()
	registry.MustRegister(NewCollector(l))
	return promhttp.HandlerFor(registry, promhttp.HandlerOpts{})
}
