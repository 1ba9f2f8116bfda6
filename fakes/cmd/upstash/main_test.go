package main

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"tollgate/reports/exitcode"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"upstash": main})
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata",
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"cut":    cmdCut,
			"exits":  cmdExits,
			"finish": cmdFinish,
			"occupy": cmdOccupy,
			"patch":  cmdPatch,
			"redis":  cmdRedis,
			"send":   cmdSend,
			"serve":  cmdServe,
			"start":  cmdStart,
			"work":   cmdWork,
		},
		Setup: func(env *testscript.Env) error {
			env.Values[running{}] = new(*process)
			return nil
		},
	})
}

// running is under what a script keeps the program that it started last.
type running struct{}

func runningIn(ts *testscript.TestScript) **process { return ts.Value(running{}).(**process) }

// cmdExits runs a program that must end with a given code: exits CODE PROGRAM ARGS...
func cmdExits(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	exit := (*exec.ExitError)(nil)
	if !errors.As(err, &exit) || exit.ExitCode() != want {
		ts.Fatalf("%s: %v, want exit code %d", args[1], err, want)
	}
}

// cmdOccupy takes a port until the script ends and puts its address into a variable: occupy VARIABLE
func cmdOccupy(ts *testscript.TestScript, _ bool, args []string) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	ts.Defer(func() { _ = listener.Close() })
	ts.Setenv(args[0], listener.Addr().String())
}

// cmdCut takes the last bytes off a file: cut FILE BYTES
func cmdCut(ts *testscript.TestScript, _ bool, args []string) {
	info, err := os.Stat(ts.MkAbs(args[0]))
	ts.Check(err)
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	ts.Check(os.Truncate(ts.MkAbs(args[0]), info.Size()-int64(n)))
}

// cmdPatch replaces a text in a file: patch FILE OLD NEW
func cmdPatch(ts *testscript.TestScript, _ bool, args []string) {
	text, err := os.ReadFile(ts.MkAbs(args[0]))
	ts.Check(err)
	if !bytes.Contains(text, []byte(args[1])) {
		ts.Fatalf("%s has no %q", args[0], args[1])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), bytes.ReplaceAll(text, []byte(args[1]), []byte(args[2])), 0o600))
}

// anyPorts keep tests apart.
var anyPorts = []string{"--rest-addr=127.0.0.1:0", "--redis-addr=127.0.0.1:0", "--admin-addr=127.0.0.1:0"}

// cmdStart starts the program on free ports: start ARGS...
func cmdStart(ts *testscript.TestScript, _ bool, args []string) {
	*runningIn(ts) = startProcess(ts, append(anyPorts, args...)...)
}

// cmdFinish ends it and checks its exit code: finish SIGNAL CODE
func cmdFinish(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[1])
	ts.Check(err)
	if code := (*runningIn(ts)).stop(ts, args[0]); code != want {
		ts.Fatalf("exit code %d, want %d", code, want)
	}
}

// cmdSend sends commands over TCP and shows the replies as they come: send COMMAND...
func cmdSend(ts *testscript.TestScript, _ bool, args []string) {
	_, _ = ts.Stdout().Write(talk(ts, (*runningIn(ts)).access, args...))
}

// cmdServe runs the program, uses it, ends it by a signal and shows what it printed: serve SIGNAL ARGS...
func cmdServe(ts *testscript.TestScript, _ bool, args []string) {
	p := startProcess(ts, args[1:]...)
	use(ts, p.access)
	if code := p.stop(ts, args[0]); code != exitcode.Passed {
		ts.Fatalf("exit code %d", code)
	}
}

// use sends five billed commands, one of them inside Lua, an unbilled one, and two that are refused.
func use(ts *testscript.TestScript, access map[string]string) {
	post(ts, access, `["SET","k","v"]`, http.StatusOK)
	post(ts, access, `["GET","k"]`, http.StatusOK)
	post(ts, access, `["EVAL","return redis.call('INCR',KEYS[1])",1,"n"]`, http.StatusOK)
	post(ts, access, `["PING"]`, http.StatusOK)
	post(ts, access, `["SLOWLOG","GET"]`, http.StatusBadRequest)
	post(ts, access, `["WATCH","k"]`, http.StatusBadRequest)
	if replies := talk(ts, access, "GET k"); string(replies) != "+OK\r\n$1\r\nv\r\n+OK\r\n" {
		ts.Fatalf("over TCP: got %q", replies)
	}

	res, err := http.Get(access["ADMIN_URL"] + "/ledger")
	ts.Check(err)
	defer func() { _ = res.Body.Close() }()
	ledger, err := io.ReadAll(res.Body)
	ts.Check(err)
	if !strings.Contains(string(ledger), `"billed":5`) {
		ts.Fatalf("%s/ledger: %s", access["ADMIN_URL"], ledger)
	}
}

// post sends a command over REST.
func post(ts *testscript.TestScript, access map[string]string, body string, status int) {
	r, err := http.NewRequest(http.MethodPost, access["UPSTASH_REDIS_REST_URL"], strings.NewReader(body))
	ts.Check(err)
	r.Header.Set("Authorization", "Bearer "+access["UPSTASH_REDIS_REST_TOKEN"])
	res, err := http.DefaultClient.Do(r)
	ts.Check(err)
	ts.Check(res.Body.Close())
	if res.StatusCode != status {
		ts.Fatalf("%s: status %d, want %d", body, res.StatusCode, status)
	}
}

// talk sends commands over TCP, between AUTH and QUIT, and returns all replies. It does so by hand: a client library
// would add handshake commands that are billed.
func talk(ts *testscript.TestScript, access map[string]string, commands ...string) []byte {
	at, err := url.Parse(access["REDIS_URL"])
	ts.Check(err)
	conn, err := net.Dial("tcp", at.Host)
	ts.Check(err)
	defer func() { _ = conn.Close() }()
	ts.Check(conn.SetDeadline(time.Now().Add(patience)))
	password, _ := at.User.Password()
	lines := append(append([]string{"AUTH " + password}, commands...), "QUIT", "")
	_, err = io.WriteString(conn, strings.Join(lines, "\r\n"))
	ts.Check(err)
	replies, err := io.ReadAll(conn)
	ts.Check(err)
	return replies
}
