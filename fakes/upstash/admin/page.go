package admin

import (
	"crypto/sha256"
	_ "embed" // the page's parts
	"encoding/base64"
	"fmt"
	"html/template"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"tollgate/fakes/upstash/ledger"
	"tollgate/fakes/upstash/meter"
	"tollgate/fakes/upstash/plan"
)

// maxRows is how many rows a table of the page has; the account has all.
const maxRows = 25

// How far the charts go back: so many seconds, and so many minutes as there are.
const (
	seconds     = 180
	fewMinutes  = 15
	manyMinutes = 120
)

var (
	//go:embed page.gohtml
	pageText string
	//go:embed page.css
	pageStyle string
	//go:embed page.js
	pageScript string
)

var pageTemplate = template.Must(template.New("page").Funcs(template.FuncMap{
	"number": number, "dollars": dollars, "ago": ago, "rate": rate, "minutes": minutes,
	"clock": func(t time.Time) string { return t.UTC().Format("15:04:05") },
}).Parse(pageText))

// policy lets the page load and run what it brings along, and ask this door for news.
var policy = fmt.Sprintf("default-src 'none'; style-src '%s'; script-src '%s'; connect-src 'self'; img-src data:; "+
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'", digest(pageStyle), digest(pageScript))

func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// page is what the template shows.
type page struct {
	meter.Account
	Style    template.CSS
	Script   template.JS
	Charts   []chart
	Shares   map[string]meter.Share // by component
	MoreRows more
}

// more is how many rows of each table are left out.
type more struct{ Components, Commands, Scripts, Refused int }

// servePage shows the account as HTML.
func servePage(w http.ResponseWriter, l *ledger.Ledger, p plan.Plan) {
	header := w.Header()
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Content-Security-Policy", policy)
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("Cache-Control", "no-store")
	_ = pageTemplate.Execute(w, newPage(meter.Take(l, p))) // the template is tested; a client that left needs no page
}

func newPage(a meter.Account) page {
	groups := groupsOf(a.Minutes)
	v := page{
		Account: a, Style: template.CSS(pageStyle), Script: template.JS(pageScript), //nolint:gosec // our own
		Charts: []chart{
			billedChart("seconds", "Billed commands, by second", "a second", a.Seconds, groups, seconds),
			billedChart("minutes", "Billed commands, by minute", "a minute", a.Minutes, groups, min(max(len(a.Minutes.Slots), fewMinutes), manyMinutes)),
			openChart("open", "Open TCP connections", "open", a.Seconds, seconds),
		},
		Shares: map[string]meter.Share{},
	}
	v.Components, v.MoreRows.Components = cut(a.Components)
	v.Commands, v.MoreRows.Commands = cut(a.Commands)
	v.Scripts, v.MoreRows.Scripts = cut(a.Scripts)
	v.Refused, v.MoreRows.Refused = cut(a.Refused)
	if a.Projection != nil {
		for _, share := range a.Projection.Components {
			v.Shares[share.Component] = share
		}
	}
	return v
}

func cut[T any](rows []T) (shown []T, left int) {
	n := min(len(rows), maxRows)
	return rows[:n], len(rows) - n
}

// number is n with its thousands apart.
func number(n int64) string {
	digits := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, digits = "−", digits[1:]
	}
	var groups []string
	for len(digits) > 3 {
		groups = append([]string{digits[len(digits)-3:]}, groups...)
		digits = digits[:len(digits)-3]
	}
	return sign + strings.Join(append([]string{digits}, groups...), ",")
}

// dollars is a price; nil is that of a plan which refuses so many commands.
func dollars(d *float64) string {
	if d == nil {
		return "over its limit"
	}
	return fmt.Sprintf("$%.2f", *d)
}

// ago is a duration in minutes.
func ago(d time.Duration) string { return fmt.Sprintf("%d min", int(math.Round(d.Minutes()))) }

func minutes(n int) string {
	if n == 1 {
		return "1 full minute"
	}
	return strconv.Itoa(n) + " full minutes"
}

// rate is a number of commands a minute.
func rate(perMinute float64) string { return fmt.Sprintf("%.1f", perMinute) }
