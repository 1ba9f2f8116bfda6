package faults_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/fakes/memnet"
	"tollgate/fakes/upstash/faults"
)

const answerText = "the answer, of which a client wants every single byte"

// site is an HTTP server that runs one command a request, before which faults are.
type site struct {
	*faults.Registry
	client *http.Client
	url    string
	ran    atomic.Int64
}

func newSite(t testing.TB, network memnet.Network) *site {
	t.Helper()
	s := &site{Registry: faults.New(faults.Config{Seed: 1})}
	l, err := network.Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		cmd := [][]byte{[]byte(strings.TrimPrefix(r.URL.Path, "/")), []byte("k")}
		if s.Hooks().Admit(r.Context(), r.Header.Get("Component"), [][][]byte{cmd}) {
			s.ran.Add(1)
		}
		w.Header().Set("Content-Length", fmt.Sprint(len(answerText)))
		w.Header().Set("Sync", "5")
		w.WriteHeader(http.StatusOK)
		_, _ = io.WriteString(w, answerText)
	})
	server := &http.Server{Handler: s.Hooks().Web(handler), ReadHeaderTimeout: time.Minute}
	ended := make(chan struct{})
	go func() { defer close(ended); _ = server.Serve(s.Hooks().ListenWeb(l)) }()
	transport := &http.Transport{DialContext: network.DialContext}
	s.client, s.url = &http.Client{Transport: transport}, "http://"+l.Addr().String()
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		s.Close()
		server.Close()
		<-ended
	})
	return s
}

func (s *site) add(t testing.TB, spec string) string {
	t.Helper()
	f, err := faults.ParseSpec(spec)
	require.NoError(t, err)
	name, err := s.Add(f)
	require.NoError(t, err)
	return name
}

// post makes a request and says how it went and how long it took. Requests with a
// body are not repeated by net/http.
func (s *site) post(t testing.TB, command string) (res *http.Response, body string, took time.Duration, err error) {
	t.Helper()
	began := time.Now()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.url+"/"+command, strings.NewReader("x"))
	require.NoError(t, err)
	req.Header.Set("Component", "web")
	res, err = s.client.Do(req)
	if err != nil {
		return nil, "", time.Since(began), err
	}
	defer res.Body.Close()
	all, err := io.ReadAll(res.Body)
	return res, string(all), time.Since(began), err
}

func (s *site) ok(t testing.TB) time.Duration {
	t.Helper()
	res, body, took, err := s.post(t, "GET")
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, res.StatusCode)
	require.Equal(t, answerText, body)
	return took
}

func TestWebLatency(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, mem(t))
		require.Zero(t, s.ok(t))
		s.add(t, "latency,name=slow,delay=1500us,transport=rest")
		require.Equal(t, 1500*time.Microsecond, s.ok(t))
		s.add(t, "latency,name=more,delay=1s")
		require.Equal(t, time.Second+1500*time.Microsecond, s.ok(t))
		s.Clear()
		require.Zero(t, s.ok(t))

		s.add(t, "latency,name=jitter,delay=200ms,jitter=50ms")
		least, most := time.Hour, time.Duration(0)
		for range 50 {
			took := s.ok(t)
			least, most = min(least, took), max(most, took)
		}
		require.GreaterOrEqual(t, least, 150*ms)
		require.LessOrEqual(t, most, 250*ms)
		require.Greater(t, most-least, 50*ms)
	})
}

func TestWebStatus(t *testing.T) {
	for _, network := range networks(t) {
		for spec, want := range map[string]struct {
			status                  int
			kind, body, retry, text string
		}{
			"status,code=502":                      {status: 502, kind: "text/html", text: "<h1>Bad Gateway</h1>"},
			"status,code=503,text=a <b>,count=1":   {status: 503, kind: "text/html", text: "<h1>a &lt;b&gt;</h1>"},
			"status,code=500,json=true":            {status: 500, kind: "application/json", body: `{"error":"Internal Server Error"}`},
			"status,code=429,retry-after=1500ms":   {status: 429, kind: "text/html", retry: "2"},
			"status,code=503,retry-after=1m":       {status: 503, kind: "text/html", retry: "60"},
			"status,code=429,json=true,text=later": {status: 429, kind: "application/json", body: `{"error":"later"}`},
		} {
			s := newSite(t, network(t))
			s.add(t, spec)
			res, body, _, err := s.post(t, "GET")
			require.NoError(t, err)
			require.Equal(t, want.status, res.StatusCode)
			require.Equal(t, want.kind, res.Header.Get("Content-Type"))
			require.Equal(t, want.retry, res.Header.Get("Retry-After"))
			require.Empty(t, res.Header.Get("Sync"), "nothing of the answer that it replaces")
			require.Contains(t, body, want.text)
			if want.body != "" {
				require.Equal(t, want.body, body)
			}
			require.Zero(t, s.ran.Load())
			s.Clear()
			s.ok(t)
		}
	}
}

func TestWebResetAndLostAnswer(t *testing.T) {
	for name, network := range networks(t) {
		for spec, ran := range map[string]int64{"reset": 0, "reset,transport=rest,command=GET": 0, "lost-answer": 1} {
			t.Run(name+" "+spec, func(t *testing.T) {
				s := newSite(t, network(t))
				s.add(t, spec)
				_, _, _, err := s.post(t, "GET")
				require.Error(t, err)
				if name == "tcp" {
					require.ErrorIs(t, err, syscall.ECONNRESET)
				} else {
					require.ErrorIs(t, err, io.EOF)
				}
				require.Equal(t, ran, s.ran.Load())
				s.Clear()
				s.ok(t)
			})
		}
	}
}

func TestWebTruncate(t *testing.T) {
	for spec, want := range map[string]int{
		"truncate": len(answerText) / 2, "truncate,bytes=3": 3, "truncate,bytes=1000": len(answerText),
	} {
		for name, network := range networks(t) {
			t.Run(name+" "+spec, func(t *testing.T) {
				s := newSite(t, network(t))
				s.add(t, spec)
				res, body, _, err := s.post(t, "GET")
				require.Equal(t, int64(len(answerText)), res.ContentLength)
				require.Equal(t, answerText[:want], body)
				if want < len(answerText) {
					require.ErrorIs(t, err, io.ErrUnexpectedEOF)
				} else {
					require.NoError(t, err)
				}
				require.EqualValues(t, 1, s.ran.Load())
			})
		}
	}
}

func TestWebSlowBody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, mem(t))
		s.add(t, "slow-body,name=slow,rate=10")
		took := s.ok(t)
		require.InDelta(t, time.Duration(len(answerText))*time.Second/10, took, float64(100*ms))
		s.Clear()
		s.add(t, "slow-body,rate=1")
		require.InDelta(t, time.Duration(len(answerText))*time.Second, s.ok(t), float64(time.Second))
	})
}

func TestWebSelectors(t *testing.T) {
	s := newSite(t, memnet.TCP())
	for spec, hits := range map[string]bool{
		"status,code=500,component=web":                 true,
		"status,code=500,component=other":               false,
		"status,code=500,command=GET":                   true,
		"status,code=500,command=SET":                   false,
		"status,code=500,probability=0":                 false,
		"latency,delay=1h,transport=tcp":                false,
		"reset,transport=tcp":                           false,
		"status,code=500,door=rest":                     true,
		"status,code=500,after=1h":                      false,
		"lost-answer,command=EVALSHA,component=limiter": false,
	} {
		name := s.add(t, spec)
		res, _, _, err := s.post(t, "get")
		require.NoError(t, err)
		require.Equal(t, hits, res.StatusCode == http.StatusInternalServerError, spec)
		report, err := s.Remove(name)
		require.NoError(t, err)
		require.Equal(t, hits, report.Fired == 1, spec)
		if hits {
			require.Equal(t, "GET of web over rest", report.Firings[0].On)
		}
	}
}

func TestWebFaultsAddUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, mem(t))
		s.add(t, "lost-answer,name=lost")
		s.add(t, "status,name=status,code=503,count=1")
		s.add(t, "latency,name=slow,delay=1s")
		res, _, took, err := s.post(t, "GET")
		require.NoError(t, err)
		require.Equal(t, 503, res.StatusCode)
		require.Equal(t, time.Second, took)
		_, _, took, err = s.post(t, "GET")
		require.Error(t, err)
		require.Equal(t, time.Second, took)
		require.EqualValues(t, 1, s.ran.Load())
		fired := map[string]int64{}
		for _, report := range s.List() {
			fired[report.Fault.Name] = report.Fired
		}
		require.Equal(t, map[string]int64{"lost": 1, "status": 1, "slow": 2}, fired, "what did not come to act did not fire")
	})
}

func TestWebRefuse(t *testing.T) {
	for name, network := range networks(t) {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, network(t))
			s.ok(t) // and its connection stays
			s.add(t, "refuse,name=shut")
			s.ok(t)
			s.client.CloseIdleConnections()
			_, _, _, err := s.post(t, "GET")
			require.Error(t, err)
			report, err := s.Remove("shut")
			require.NoError(t, err)
			require.Positive(t, report.Fired)
			s.ok(t)
		})
	}
}

// A request that waits for a fault does not hold up the end of the server.
func TestWebLatencyEndsWithTheClient(t *testing.T) {
	s := newSite(t, memnet.TCP())
	s.add(t, "latency,name=slow,delay=1h")
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
	require.NoError(t, err)
	_, err = io.WriteString(conn, "GET /GET HTTP/1.1\r\nHost: x\r\n\r\n")
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		report, err := s.Get("slow")
		return err == nil && report.Fired == 1
	}, 10*time.Second, ms)
	require.NoError(t, conn.(*net.TCPConn).CloseWrite())
	require.NoError(t, conn.SetReadDeadline(time.Now().Add(10*time.Second)))
	_, err = bufio.NewReader(conn).ReadByte() // the handler came to its end
	require.True(t, err == nil || errors.Is(err, io.EOF) || errors.Is(err, syscall.ECONNRESET), "%v", err)
	conn.Close()
}
