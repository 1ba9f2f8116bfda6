package rest_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/fakes/memnet"
	"tollgate/fakes/upstash"
)

const (
	// benchClients is how many clients there are at a time, each with a connection of its own that it keeps.
	benchClients = 8
	// benchRound is how long each of the two is measured at a time.
	benchRound = 200 * time.Millisecond
)

// BenchmarkREST compares the whole fake (tokens, account, embedded engine) with a plain net/http handler that reads
// a body and writes one, of the same sizes and with the same headers. Each iteration measures the one and then the
// other, over real TCP on the loopback; the figures are medians of the iterations:
//
//	go test ./fakes/upstash/rest -run '^$' -bench BenchmarkREST -benchtime 15x
//
// Besides requests a second there is the processor time of a request, the client's part included. Where the machine
// has others to serve, compare that: it is what the rate depends on and is hardly disturbed.
//
// The clients are as cheap as can be (a request is written as it is, an answer is skipped by its length), as what
// they take of the machine would hide what the servers differ in.
func BenchmarkREST(b *testing.B) {
	srv, err := upstash.Start(b.Context(), upstash.Config{
		Network: memnet.TCP(), RESTAddr: "127.0.0.1:0", Tokens: []upstash.Token{{Value: token}},
	})
	require.NoError(b, err)
	defer func() { require.NoError(b, srv.Close()) }()
	fake := strings.TrimPrefix(srv.RESTURL(), "http://")
	value := strings.Repeat("v", 100)
	for _, bench := range []struct{ name, method, path, body string }{
		{"GET", http.MethodPost, "/", `["GET","some:key:17"]`},
		{"SET100", http.MethodPost, "/", `["SET","some:key:17","` + value + `"]`},
		{"Pipeline10", http.MethodPost, "/pipeline", "[" + strings.Repeat(`["GET","some:key:17"],`, 9) + `["SET","some:key:18",17]]`},
		{"Path", http.MethodGet, "/get/some:key:17", ""},
	} {
		b.Run(bench.name, func(b *testing.B) {
			request := fmt.Appendf(nil, "%s %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: bench\r\nAuthorization: Bearer %s\r\n"+
				"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", bench.method, bench.path, fake, token, len(bench.body), bench.body)
			warm := &benchClient{request: request}
			require.NoError(b, warm.run(b, fake, time.Now()))
			bare := startBare(b, warm.answer)
			figures := map[string][]float64{}
			for b.Loop() {
				x, y := measure(b, bare, request), measure(b, fake, request)
				for unit, value := range map[string]float64{
					"bare-req/s": x.rate, "fake-req/s": y.rate, "%-of-bare-req/s": 100 * y.rate / x.rate,
					"bare-cpu-ns": x.cpu * 1e9, "fake-cpu-ns": y.cpu * 1e9, "%-by-cpu": 100 * x.cpu / y.cpu,
				} {
					figures[unit] = append(figures[unit], value)
				}
			}
			for unit, values := range figures {
				b.ReportMetric(median(values), unit)
			}
			b.ReportMetric(0, "ns/op") // an iteration is as long as it is meant to be
		})
	}
}

// startBare serves answers of that length with net/http and nothing else.
func startBare(b *testing.B, size int) string {
	b.Helper()
	answer := bytes.Repeat([]byte{'x'}, size)
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.ReadAll(r.Body); err != nil {
			b.Error(err)
		}
		header := w.Header()
		header.Set("Upstash-Sync-Token", "1")
		header.Set("Content-Type", "application/json")
		header.Set("Content-Length", strconv.Itoa(len(answer)))
		_, _ = w.Write(answer)
	})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(b, err)
	srv := &http.Server{Handler: handler}
	served := make(chan error, 1)
	go func() { served <- srv.Serve(listener) }()
	b.Cleanup(func() {
		require.NoError(b, srv.Close())
		require.ErrorIs(b, <-served, http.ErrServerClosed)
	})
	return listener.Addr().String()
}

// measured is how many requests a second are answered, and how many seconds of processor time each took.
type measured struct{ rate, cpu float64 }

func measure(b *testing.B, addr string, request []byte) measured {
	b.Helper()
	cpu := cpuTime(b)
	var wg sync.WaitGroup
	clients := make([]benchClient, benchClients)
	errs := make([]error, benchClients)
	start := time.Now()
	for i := range clients {
		clients[i].request = request
		wg.Go(func() { errs[i] = clients[i].run(b, addr, start.Add(benchRound)) })
	}
	wg.Wait()
	elapsed := time.Since(start)
	total := 0
	for i := range clients {
		require.NoError(b, errs[i])
		total += clients[i].done
	}
	return measured{rate: float64(total) / elapsed.Seconds(), cpu: (cpuTime(b) - cpu).Seconds() / float64(total)}
}

// cpuTime is the processor time that this process has had.
func cpuTime(b *testing.B) time.Duration {
	b.Helper()
	var usage syscall.Rusage
	require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// benchClient sends one request over and over.
type benchClient struct {
	request []byte
	done    int // answers
	answer  int // length of the last one's body
}

// run sends at least one request, and more until the given time.
func (c *benchClient) run(b *testing.B, addr string, until time.Time) error {
	conn, err := (&net.Dialer{}).DialContext(b.Context(), "tcp", addr)
	if err != nil {
		return err
	}
	defer conn.Close()
	r := bufio.NewReader(conn)
	for {
		if _, err := conn.Write(c.request); err != nil {
			return err
		}
		if err := c.skipAnswer(r); err != nil {
			return err
		}
		c.done++
		if !time.Now().Before(until) {
			return nil
		}
	}
}

func (c *benchClient) skipAnswer(r *bufio.Reader) error {
	line, err := r.ReadSlice('\n')
	if err == nil && !bytes.Contains(line, []byte(" 200 ")) {
		return fmt.Errorf("answered with %q", line)
	}
	for err == nil && len(line) > len("\r\n") {
		if size, ok := bytes.CutPrefix(line, []byte("Content-Length: ")); ok {
			if c.answer, err = strconv.Atoi(string(bytes.TrimSpace(size))); err != nil {
				return err
			}
		}
		line, err = r.ReadSlice('\n')
	}
	if err != nil {
		return err
	}
	_, err = r.Discard(c.answer)
	return err
}

func median(of []float64) float64 {
	slices.Sort(of)
	return of[len(of)/2]
}
