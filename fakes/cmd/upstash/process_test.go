package main

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// patience bounds what a test waits for.
const patience = 30 * time.Second

// process is a running upstash of a script.
type process struct {
	cmd            *exec.Cmd
	stdout, stderr *output
	access         map[string]string // what it printed to reach it by
}

// output collects what a program prints, and tells of the line that ends its start.
type output struct {
	mu      sync.Mutex
	text    bytes.Buffer
	started func()
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.text.Write(p)
	if strings.Contains(o.text.String(), "ADMIN_URL=") {
		o.started()
	}
	return len(p), nil
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// startProcess starts upstash and waits until it says how to reach it. It is killed at the end of the script.
func startProcess(ts *testscript.TestScript, args ...string) *process {
	path, _, _ := strings.Cut(ts.Getenv("PATH"), string(os.PathListSeparator))
	started, once := make(chan struct{}), sync.Once{}
	tell := func() { once.Do(func() { close(started) }) }
	p := &process{cmd: exec.Command(path+"/upstash", args...), stdout: &output{started: tell}, stderr: &output{started: tell}}
	p.cmd.Env = []string{"HOME=/no-home"}
	p.cmd.WaitDelay = patience
	p.cmd.Stdout, p.cmd.Stderr = p.stdout, p.stderr
	ts.Check(p.cmd.Start())
	ts.Defer(func() { _ = p.cmd.Process.Kill() })
	select {
	case <-started:
	case <-time.After(patience):
		ts.Fatalf("upstash did not start: %s%s", p.stdout, p.stderr)
	}
	p.access = map[string]string{}
	for line := range strings.Lines(p.stdout.String() + p.stderr.String()) {
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
		p.access[name] = value
	}
	return p
}

// stop ends the program by a signal, and hands what it printed, and its exit code, to the script.
func (p *process) stop(ts *testscript.TestScript, signal string) int {
	deadline := time.AfterFunc(patience, func() { _ = p.cmd.Process.Kill() })
	defer deadline.Stop()
	ts.Check(p.cmd.Process.Signal(map[string]syscall.Signal{"INT": syscall.SIGINT, "TERM": syscall.SIGTERM}[signal]))
	_ = p.cmd.Wait() // the exit code says it
	_, _ = io.WriteString(ts.Stdout(), p.stdout.String())
	_, _ = io.WriteString(ts.Stderr(), p.stderr.String())
	return p.cmd.ProcessState.ExitCode()
}
