package admin_test

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"

	"tollgate/fakes/upstash/admin"
	"tollgate/fakes/upstash/ledger"
	"tollgate/fakes/upstash/meter"
	"tollgate/fakes/upstash/plan"
)

// asBrowser gets the page.
func asBrowser(l *ledger.Ledger, p plan.Plan) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Header.Set("Accept", "text/html,application/xhtml+xml,*/*;q=0.8")
	w := httptest.NewRecorder()
	admin.NewHandler(l, p).ServeHTTP(w, r)
	return w
}

// busy is a ledger after a number of minutes with 100 commands each, ten at a time.
func busy(minutes int) *ledger.Ledger {
	now := noon
	l := ledger.New(ledger.Config{Clock: func() time.Time { return now }})
	for i := range minutes * 10 {
		now = noon.Add(time.Duration(i) * 6 * time.Second)
		for range 10 {
			l.Record(ledger.Command{Component: "web", Transport: ledger.TransportREST, Name: "GET", Billed: true})
		}
	}
	now = noon.Add(time.Duration(minutes) * time.Minute)
	return l
}

func TestRootIsForBrowsersAndOthers(t *testing.T) {
	h := admin.NewHandler(newLedger(), plan.Plan{})
	for accept, want := range map[string]string{
		"":                    "text/plain; charset=utf-8",
		"*/*":                 "text/plain; charset=utf-8",
		"application/json":    "text/plain; charset=utf-8",
		"text/html":           "text/html; charset=utf-8",
		"text/html;q=0.9,*/*": "text/html; charset=utf-8",
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header.Set("Accept", accept)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		require.Equal(t, want, w.Header().Get("Content-Type"), accept)
		require.Equal(t, "Accept", w.Header().Get("Vary"))
	}
	require.Contains(t, send(h, http.MethodGet, "/index.txt").Body.String(), "GET  /account")
}

func TestPage(t *testing.T) {
	free, err := plan.Lookup(plan.Free)
	require.NoError(t, err)
	text := asBrowser(busy(20), free).Body.String()
	for _, want := range []string{
		`>2,000</dd>`, "plan <strong>free</strong>", ">4,320,000</dd>", "3,820,000 over the free plan", "confidence: good",
		"mean of 20 full minutes, 12:00:00 to 12:20:00", "stretch of them, 5 full minutes, 12:00:00 to 12:05:00", `<th scope="row">free</th><td>over its limit</td>`,
		`<th scope="row">payg <span class="unit">cheapest</span></th><td>$8.64</td><td>$8.64</td>`, "latest 100 a minute, highest 100",
	} {
		require.Contains(t, text, want)
	}

	text = asBrowser(newLedger(), plan.Plan{}).Body.String()
	require.Contains(t, text, "Nothing has come yet")
	require.Contains(t, text, "not yet")
	require.Contains(t, text, "none so far")
	require.NotContains(t, text, "with the limits of plan")
	require.NotContains(t, text, "may be too low")

	gap := newLedger()
	gap.Gap()
	gap.Gap()
	require.Contains(t, asBrowser(gap, plan.Plan{}).Body.String(), "may have been missed, 2 times")
}

func TestPageShowsNoEndlessTables(t *testing.T) {
	l := newLedger()
	for i := range 40 {
		l.Record(ledger.Command{Component: fmt.Sprintf("c%02d", i), Transport: ledger.TransportTCP, Name: "GET", Billed: true})
	}
	text := asBrowser(l, plan.Plan{}).Body.String()
	require.Contains(t, text, "and 15 more in the account")
	require.Contains(t, text, `<th scope="row"><bdi>c24</bdi>`)
	require.NotContains(t, text, `<th scope="row"><bdi>c25</bdi>`)
	require.Contains(t, text, "35 others", "the charts have five and the others")
	require.Len(t, get[meter.Account](t, admin.NewHandler(l, plan.Plan{}), "/account").Components, 40)
}

// TestPageNeedsNothing from elsewhere, and may run and load nothing but its own.
func TestPageNeedsNothing(t *testing.T) {
	w := asBrowser(busy(2), plan.Plan{})
	text, policy := w.Body.String(), w.Header().Get("Content-Security-Policy")
	require.Contains(t, policy, "default-src 'none'")
	for _, element := range []string{"style", "script"} {
		found := regexp.MustCompile(`(?s)<`+element+`>(.*?)</`+element+`>`).FindAllStringSubmatch(text, -1)
		require.Len(t, found, 1)
		require.NotEmpty(t, found[0][1])
		sum := sha256.Sum256([]byte(found[0][1]))
		require.Contains(t, policy, element+"-src 'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'")
	}
	require.NotRegexp(t, `https?://|//[a-z]| style=| on[a-z]+=|@import|url\(`, regexp.MustCompile(`(?m)^\s*// .*$`).ReplaceAllString(text, ""))
	require.Equal(t, []string{"data:,", "/account", "/metrics", "/index.txt"}, attributes(text, "href"))
	require.Empty(t, attributes(text, "src"))
	require.Contains(t, text, `<noscript><meta http-equiv="refresh"`, "it works without a script")
}

func attributes(text, name string) (values []string) {
	for _, match := range regexp.MustCompile(` `+name+`="([^"]*)"`).FindAllStringSubmatch(text, -1) {
		values = append(values, match[1])
	}
	return values
}

// TestNamesAreTextOnly: clients make up the names of components, commands and scripts.
func TestNamesAreTextOnly(t *testing.T) {
	for _, hostile := range []string{
		`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `'onload='alert(1)`, `</title><svg/onload=alert(1)>`,
		`{{.Script}}`, `javascript:alert(1)`, `--><b>`, "\u202egnp.exe",
	} {
		l := newLedger()
		plain := shapeOf(t, asBrowser(filledWith(l, "plain"), plan.Plan{}).Body.String())
		l = newLedger()
		shape := shapeOf(t, asBrowser(filledWith(l, hostile), plan.Plan{}).Body.String())
		require.Equal(t, plain.elements, shape.elements, "%q brought elements or attributes", hostile)
		require.Contains(t, shape.text, hostile)
	}
}

// filledWith has a name everywhere that clients make names up.
func filledWith(l *ledger.Ledger, name string) *ledger.Ledger {
	for _, c := range []ledger.Command{
		{Name: name, Script: name, Billed: true}, {Name: name, Script: name, Inner: true, Billed: true}, {Name: name, Unsupported: true},
	} {
		c.Component, c.Transport = name, ledger.TransportTCP
		l.Record(c)
	}
	l.ConnOpened(1)
	l.ConnNamed(1, name)
	return l
}

// shape is a page as a browser reads it.
type shape struct {
	elements []string // with the names of their attributes
	text     string
}

func shapeOf(t *testing.T, text string) (s shape) {
	root, err := html.Parse(strings.NewReader(text))
	require.NoError(t, err)
	for node := range root.Descendants() {
		switch node.Type {
		case html.ElementNode:
			element := node.Data
			for _, attribute := range node.Attr {
				element += " " + attribute.Key
			}
			s.elements = append(s.elements, element)
		case html.TextNode:
			s.text += node.Data
		}
	}
	return s
}

func TestAccountIsEverythingOnThePage(t *testing.T) {
	l := busy(3)
	a := get[meter.Account](t, admin.NewHandler(l, plan.Plan{}), "/account")
	require.Equal(t, meter.Version, a.Version)
	require.EqualValues(t, 300, a.Total.Billed)
	require.EqualValues(t, 100*43_200, a.Projection.TotalPerMonth)
	require.Len(t, a.Minutes.Slots, 4)
	require.True(t, strings.HasPrefix(send(admin.NewHandler(l, plan.Plan{}), http.MethodGet, "/account").Body.String(), `{"version":1,`))
}
