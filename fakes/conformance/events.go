package conformance

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// exerciseEvents checks the streams of server-sent events.
// https://upstash.com/docs/redis/features/restapi and, for PSUBSCRIBE and the body
// "[]" that clients send, github.com/upstash/redis-js.
func exerciseEvents(t *testing.T, target Target, prefix string) {
	for name, test := range map[string]func(*testing.T, REST, string){
		"subscribe":  checkSubscribe,
		"psubscribe": checkPSubscribe,
		"monitor":    checkMonitor,
	} {
		t.Run(name, func(t *testing.T) {
			target.within(t, func(t *testing.T) { test(t, restOf(t, target), prefix) })
		})
	}
}

func checkSubscribe(t *testing.T, rest REST, prefix string) {
	s := rest.listen(t, "/subscribe/"+prefix+"c")
	s.expect("subscribe," + prefix + "c,1")
	require.Equal(t, `{"result":1}`, rest.do(t, get("/publish/"+prefix+"c/hello")).body)
	s.expect("message," + prefix + "c,hello")
	require.Equal(t, `{"result":1}`, rest.do(t, to("/publish/"+prefix+"c", `{"a":1}`).with(encodingHeader, "base64")).body)
	s.expect("message," + prefix + `c,{"a":1}`)
}

func checkPSubscribe(t *testing.T, rest REST, prefix string) {
	s := rest.listen(t, "/psubscribe/"+prefix+"n.*")
	s.expect("psubscribe," + prefix + "n.*,1")
	require.Equal(t, `{"result":1}`, rest.do(t, get("/publish/"+prefix+"n.a/hello")).body)
	s.expect("pmessage," + prefix + "n.*," + prefix + "n.a,hello")
}

func checkMonitor(t *testing.T, rest REST, prefix string) {
	s := rest.listen(t, "/monitor")
	s.expect(`"OK"`)
	rest.do(t, get("/get/"+prefix+"k"))
	shown := regexp.MustCompile(`^\d+\.\d+ \[0 \S+\] "(?i:get)" "` + regexp.QuoteMeta(prefix) + `k"$`)
	for range 1000 { // others may be at work
		if shown.MatchString(s.next()) {
			return
		}
	}
	t.Error("MONITOR does not show the command")
}

// stream is an open stream of events.
type stream struct {
	t     *testing.T
	lines *bufio.Scanner
}

// listen opens a stream, as Upstash's own library does. The test's end closes it.
func (r REST) listen(t *testing.T, path string) *stream {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), replyTimeout)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, r.URL+path, strings.NewReader("[]"))
	require.NoError(t, err)
	for name, value := range map[string]string{
		"Authorization": "Bearer " + r.Token, "Accept": "text/event-stream",
		"Content-Type": "application/json", "Cache-Control": "no-cache", encodingHeader: "base64",
	} {
		req.Header.Set(name, value)
	}
	client := *r.Client
	client.Timeout = 0
	res, err := client.Do(req)
	require.NoError(t, err)
	t.Cleanup(func() {
		cancel()
		_, _ = io.Copy(io.Discard, res.Body) // which ends, as its request has
		res.Body.Close()
	})
	require.Equal(t, http.StatusOK, res.StatusCode)
	require.Contains(t, res.Header.Get("Content-Type"), "text/event-stream")
	return &stream{t: t, lines: bufio.NewScanner(res.Body)}
}

// next is the next line of data.
func (s *stream) next() string {
	s.t.Helper()
	for s.lines.Scan() {
		if data, ok := strings.CutPrefix(s.lines.Text(), "data: "); ok {
			return data
		}
	}
	require.NoError(s.t, s.lines.Err(), "the stream waited %v or broke", replyTimeout)
	require.Fail(s.t, "the stream has ended")
	return ""
}

func (s *stream) expect(want string) {
	s.t.Helper()
	require.Equal(s.t, want, s.next())
}
