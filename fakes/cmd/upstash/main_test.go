package main

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"upstash": main})
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		RequireExplicitExec: false,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":  cmdExits,
			"occupy": cmdOccupy,
			"serve":  cmdServe,
		},
	})
}

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

// cmdServe runs the program, uses it, ends it by a signal and shows what it printed: serve SIGNAL ARGS...
func cmdServe(ts *testscript.TestScript, _ bool, args []string) {
	signal := map[string]syscall.Signal{"INT": syscall.SIGINT, "TERM": syscall.SIGTERM}[args[0]]
	path := slices.Collect(strings.SplitSeq(ts.Getenv("PATH"), string(os.PathListSeparator)))[0]
	cmd := exec.Command(path+"/upstash", args[1:]...)
	cmd.Env = []string{"HOME=/no-home"}
	cmd.WaitDelay = 10 * time.Second
	cmd.Stderr = ts.Stderr()
	stdout, err := cmd.StdoutPipe()
	ts.Check(err)
	ts.Check(cmd.Start())
	ts.Defer(func() { _ = cmd.Process.Kill() })
	deadline := time.AfterFunc(30*time.Second, func() { _ = cmd.Process.Kill() })
	defer deadline.Stop()

	access := map[string]string{}
	lines := bufio.NewScanner(stdout)
	for access["ADMIN_URL"] == "" && lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), "=")
		access[name] = value
		_, _ = io.WriteString(ts.Stdout(), lines.Text()+"\n")
	}
	if access["ADMIN_URL"] == "" {
		ts.Fatalf("the program did not start: %v", cmd.Wait())
	}
	use(ts, access)

	ts.Check(cmd.Process.Signal(signal))
	for lines.Scan() {
		_, _ = io.WriteString(ts.Stdout(), lines.Text()+"\n")
	}
	ts.Check(cmd.Wait())
}

// use sends five billed commands, one of them inside Lua, an unbilled one, and two that are refused.
func use(ts *testscript.TestScript, access map[string]string) {
	post := func(body string, status int) {
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
	post(`["SET","k","v"]`, http.StatusOK)
	post(`["GET","k"]`, http.StatusOK)
	post(`["EVAL","return redis.call('INCR',KEYS[1])",1,"n"]`, http.StatusOK)
	post(`["PING"]`, http.StatusOK)
	post(`["SLOWLOG","GET"]`, http.StatusBadRequest)
	post(`["WATCH","k"]`, http.StatusBadRequest)

	// By hand: a client library would add handshake commands that are billed.
	at, err := url.Parse(access["REDIS_URL"])
	ts.Check(err)
	conn, err := net.Dial("tcp", at.Host)
	ts.Check(err)
	defer func() { _ = conn.Close() }()
	password, _ := at.User.Password()
	_, err = io.WriteString(conn, "AUTH "+password+"\r\nGET k\r\nQUIT\r\n")
	ts.Check(err)
	replies, err := io.ReadAll(conn)
	ts.Check(err)
	if want := "+OK\r\n$1\r\nv\r\n+OK\r\n"; string(replies) != want {
		ts.Fatalf("over TCP: got %q, want %q", replies, want)
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
