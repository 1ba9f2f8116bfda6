package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/stretchr/testify/require"

	"tollgate/fakes/upstash"
	"tollgate/reports"
	"tollgate/reports/command"
	"tollgate/reports/exitcode"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"loadgen": main})
}

// awaitLimit bounds a script's wait for the service to be asked.
const awaitLimit = 30 * time.Second

// world is what the scripts talk to: services of several characters and a
// Redis over REST that holds nothing.
type world struct {
	servers []*httptest.Server
	asked   chan struct{} // closed when the hanging service got its first job
	once    sync.Once
	mu      sync.Mutex
	redis   map[string]int // commands by name
	upstash *upstash.Server
}

func newWorld(env *testscript.Env) *world {
	w := &world{asked: make(chan struct{}), redis: map[string]int{}}
	env.Defer(w.close)
	start := func(variable string, handler http.HandlerFunc) {
		server := httptest.NewServer(handler)
		w.servers = append(w.servers, server)
		env.Setenv(variable, server.URL)
	}
	answer := func(health, jobs, users int) http.HandlerFunc {
		mux := http.NewServeMux()
		say := func(pattern string, status int, body string) {
			mux.HandleFunc(pattern, func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(status)
				fmt.Fprint(w, body)
			})
		}
		say("GET /healthz", health, "")
		say("POST /v1/jobs/{queue}", jobs, `{"id":"1"}`)
		say("GET /v1/users/{user}/{what}", users, `[]`)
		return mux.ServeHTTP
	}
	start("GOOD", answer(200, 202, 200))
	start("LIMITING", answer(200, 202, 429))
	start("FAILING", answer(200, 202, 502))
	start("UNREADY", answer(503, 202, 200))
	start("HANGING", func(rw http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/healthz" {
			return
		}
		w.once.Do(func() { close(w.asked) })
		hang(r)
	})
	start("REDIS", w.serveRedis)
	w.startUpstash(env)
	env.Values["world"] = w
	return w
}

// startUpstash starts the fake, with an account that can be read.
func (w *world) startUpstash(env *testscript.Env) {
	server, err := upstash.Start(context.Background(), upstash.Config{
		RESPAddr: "127.0.0.1:0", RESTAddr: "127.0.0.1:0", AdminAddr: "127.0.0.1:0",
		Tokens: []upstash.Token{{Value: "secret"}}, Users: []upstash.User{{Name: "default", Password: "hunter2"}},
	})
	if err != nil {
		panic(err)
	}
	env.Defer(func() { _ = server.Close() })
	env.Setenv("TCP", "redis://default:hunter2@"+server.RESPAddr())
	env.Setenv("TCP_HOST", server.RESPAddr())
	env.Setenv("REST", "rest+"+server.RESTURL())
	env.Setenv("ADMIN", server.AdminURL())
	w.upstash = server
}

// hang returns when the client has gone. The server notices that only after the
// body was read.
func hang(r *http.Request) {
	io.Copy(io.Discard, r.Body)
	<-r.Context().Done()
}

func (w *world) close() {
	for _, s := range w.servers {
		s.Close()
	}
}

// serveRedis counts commands and knows no key.
func (w *world) serveRedis(rw http.ResponseWriter, r *http.Request) {
	var command []any
	if r.Header.Get("Authorization") != "Bearer secret" || json.NewDecoder(r.Body).Decode(&command) != nil || len(command) == 0 {
		rw.WriteHeader(http.StatusUnauthorized)
		fmt.Fprint(rw, `{"error":"WRONGPASS invalid or missing auth token"}`)
		return
	}
	name := fmt.Sprint(command[0])
	w.mu.Lock()
	w.redis[name]++
	w.mu.Unlock()
	fmt.Fprint(rw, map[string]string{"GET": `{"result":null}`, "SET": `{"result":"OK"}`, "DEL": `{"result":0}`}[name])
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			newWorld(env)
			return nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"exits": exits, "await-job": awaitJob, "redis-got": redisGot, "upstash-got": upstashGot, "merge": merge,
		},
	})
}

// exits runs a command that must end with a code: exits 2 loadgen ...
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits code command [args...]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit code %d, not %d", got, want)
	}
}

// awaitJob waits until the hanging service has got a job.
func awaitJob(ts *testscript.TestScript, _ bool, _ []string) {
	select {
	case <-ts.Value("world").(*world).asked:
	case <-time.After(awaitLimit):
		ts.Fatalf("no job within %s", awaitLimit)
	}
}

// redisGot checks the number of a command: redis-got GET 10
func redisGot(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: redis-got command count")
	}
	w := ts.Value("world").(*world)
	w.mu.Lock()
	defer w.mu.Unlock()
	if got := strconv.Itoa(w.redis[args[0]]); got != args[1] {
		ts.Fatalf("%s %s times, not %s", args[0], got, args[1])
	}
}

// upstashGot checks how often the fake got a command, from clients and in scripts: upstash-got GET 10
func upstashGot(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: upstash-got command count")
	}
	got := ts.Value("world").(*world).upstash.Ledger().Snapshot().ByCommand[args[0]]
	if times := got.Wire + got.Inner; strconv.FormatInt(times, 10) != args[1] {
		ts.Fatalf("%s %d times, not %s", args[0], times, args[1])
	}
}

// merge puts segments together, which must pass with so many answers in all: merge 55 folder...
func merge(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: merge answers folder...")
	}
	var segments []reports.Result
	for _, dir := range args[1:] {
		file, err := os.Open(filepath.Join(ts.MkAbs(dir), reports.ResultFile))
		ts.Check(err)
		r, err := reports.ReadJSON(file)
		ts.Check(errors.Join(err, file.Close()))
		segments = append(segments, r)
	}
	whole, err := reports.MergeSegments(segments)
	ts.Check(err)
	answers := int64(0)
	for _, h := range whole.Histograms {
		if h.Name != "start lag" {
			answers += h.Count
		}
	}
	if whole.Decision != reports.DecisionPass || strconv.FormatInt(answers, 10) != args[0] {
		ts.Fatalf("%s with %d answers: %s", whole.Decision, answers, whole.Summary())
	}
}

func TestInterruptPrintsThePartialTable(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/healthz" {
			cancel()
			hang(r)
		}
	}))
	defer server.Close()
	var out, errs bytes.Buffer
	code := program(&commands{}).Run(ctx, []string{"run", "--target", server.URL},
		command.Streams{Out: &out, Err: &errs, Getenv: func(string) string { return "" }})
	require.Equal(t, exitcode.Interrupted, code, errs.String())
	require.Contains(t, out.String(), "PARTIAL")
	require.Contains(t, errs.String(), "loadgen: interrupted: loadgen: run stopped after")
}

func TestInterruptBeforeTheStart(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out, errs bytes.Buffer
	code := program(&commands{}).Run(ctx, []string{"run", "--target", "http://127.0.0.1:1"},
		command.Streams{Out: &out, Err: &errs, Getenv: func(string) string { return "" }})
	require.Equal(t, exitcode.Interrupted, code, errs.String())
	require.Empty(t, out.String())
}

// failingWriter breaks as a closed pipe does.
type failingWriter struct{}

func (failingWriter) Write([]byte) (int, error) { return 0, os.ErrClosed }

func TestOtherErrorsAreInternal(t *testing.T) {
	var errs bytes.Buffer
	code := program(&commands{}).Run(t.Context(), []string{"check", "phase"}, command.Streams{Out: failingWriter{}, Err: &errs, Getenv: os.Getenv})
	require.Equal(t, exitcode.Internal, code)
	require.Contains(t, errs.String(), "file already closed")
}

func TestAPanicIsInternal(t *testing.T) {
	var out, errs bytes.Buffer
	code := program(&commands{}).Run(t.Context(), []string{"run", "--target", "http://127.0.0.1:1"},
		command.Streams{Out: &out, Err: &errs, Getenv: func(name string) string {
			if name == tokenVariable {
				panic("the roof is on fire")
			}
			return ""
		}})
	require.Equal(t, exitcode.Internal, code)
	require.Contains(t, errs.String(), "internal error: the roof is on fire")
}
