package redisserver

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

const (
	// askEvery is how often a starting server is asked whether it is ready.
	askEvery = 10 * time.Millisecond
	// maxOutput is how many bytes of the server's own log are kept for an error.
	maxOutput = 4 << 10
)

// process is one run of redis-server.
type process struct {
	cmd   *exec.Cmd
	log   tail          // what it wrote; to be read after ended
	ended chan struct{} // closed when it is gone
}

// launch starts the process and waits until it answers; mu is held, or nobody else
// knows s yet.
func (s *Server) launch(ctx context.Context) (*process, error) {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	p := &process{ended: make(chan struct{})}
	args := append([]string{
		"--bind", "127.0.0.1", "--port", strconv.Itoa(s.port), "--dir", s.dir,
		"--save", "", "--appendonly", "no", "--shutdown-on-sigterm", "save",
	}, s.cfg.Args...)
	p.cmd = exec.Command(binary, args...) //nolint:noctx // it outlives ctx; end ends it
	p.cmd.Stdout, p.cmd.Stderr = &p.log, &p.log
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("redisserver: %w", err)
	}
	go func() {
		defer close(p.ended)
		_ = p.cmd.Wait() // how it ended is in its log
	}()
	if err := p.ready(ctx, s.Addr()); err != nil {
		return nil, errors.Join(err, p.end(os.Kill))
	}
	return p, nil
}

// ready waits until the server answers.
func (p *process) ready(ctx context.Context, addr string) error {
	ticker := time.NewTicker(askEvery)
	defer ticker.Stop()
	for {
		select {
		case <-p.ended:
			return fmt.Errorf("redisserver: redis-server ended at once: %s", &p.log)
		case <-ctx.Done():
			return fmt.Errorf("redisserver: redis-server at %s is not ready: %w", addr, context.Cause(ctx))
		case <-ticker.C:
			if answers(ctx, addr) == nil {
				return nil
			}
		}
	}
}

// end signals the process and waits for its end, if need be by force.
func (p *process) end(signal os.Signal) error {
	if err := p.cmd.Process.Signal(signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("redisserver: signal redis-server: %w", err)
	}
	timeout := time.NewTimer(stopTimeout)
	defer timeout.Stop()
	select {
	case <-p.ended:
		return nil
	case <-timeout.C:
	}
	if err := p.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("redisserver: kill redis-server: %w", err)
	}
	<-p.ended
	return nil
}

// answers says whether the server is ready for commands.
func answers(ctx context.Context, addr string) error {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", addr)
	if err != nil {
		return err
	}
	defer conn.Close()
	if deadline, ok := ctx.Deadline(); ok {
		if err := conn.SetDeadline(deadline); err != nil {
			return err
		}
	}
	if _, err := io.WriteString(conn, "PING\r\n"); err != nil {
		return err
	}
	line, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil {
		return err
	}
	if !strings.HasPrefix(line, "+PONG") && !strings.HasPrefix(line, "-NOAUTH") {
		return fmt.Errorf("PING was answered with %q", line)
	}
	return nil
}

// tail keeps the end of what is written to it.
type tail struct{ text []byte }

func (t *tail) Write(p []byte) (int, error) {
	t.text = append(t.text, p...)
	t.text = t.text[max(0, len(t.text)-maxOutput):]
	return len(p), nil
}

func (t *tail) String() string { return strings.TrimSpace(string(t.text)) }
