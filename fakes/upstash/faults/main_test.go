package faults_test

import (
	"fmt"
	"io"
	"net"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"tollgate/fakes/memnet"
	"tollgate/fakes/upstash/faults"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// bench is a server that echoes what it gets, before which faults are.
type bench struct {
	*faults.Registry
	network memnet.Network
	addr    string
}

func newBench(t testing.TB, network memnet.Network, seed uint64) *bench {
	t.Helper()
	b := &bench{Registry: faults.New(faults.Config{Seed: seed}), network: network}
	raw, err := network.Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	b.addr = raw.Addr().String()
	l := b.Hooks().Listen(raw, faults.DoorRESP)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go echo(conn)
		}
	}()
	t.Cleanup(func() {
		l.Close()
		b.Close()
		<-ended
	})
	return b
}

func echo(conn net.Conn) {
	defer conn.Close()
	_, _ = io.Copy(struct{ io.Writer }{conn}, struct{ io.Reader }{conn})
}

func (b *bench) dial(t testing.TB) net.Conn {
	t.Helper()
	conn, err := b.network.DialContext(t.Context(), "tcp", b.addr)
	require.NoError(t, err)
	t.Cleanup(func() { conn.Close() })
	return conn
}

func (b *bench) add(t testing.TB, spec string) string {
	t.Helper()
	f, err := faults.ParseSpec(spec)
	require.NoError(t, err)
	name, err := b.Add(f)
	require.NoError(t, err)
	return name
}

func (b *bench) report(t testing.TB, name string) faults.Report {
	t.Helper()
	report, err := b.Get(name)
	require.NoError(t, err)
	return report
}

// ask sends a text and waits for its echo. It says how long that took.
func ask(t testing.TB, conn net.Conn, text string) time.Duration {
	t.Helper()
	sent := time.Now()
	_, err := io.WriteString(conn, text)
	require.NoError(t, err)
	expect(t, conn, text)
	return time.Since(sent)
}

func expect(t testing.TB, conn net.Conn, text string) {
	t.Helper()
	got := make([]byte, len(text))
	_, err := io.ReadFull(conn, got)
	require.NoError(t, err)
	require.Equal(t, text, string(got))
}

// mem is a network in memory, to be used in a bubble.
func mem(t testing.TB) memnet.Network {
	network := memnet.New()
	t.Cleanup(func() { network.Close() })
	return network
}

// accepting is a bench whose accepted connections are the test's to serve.
func accepting(t testing.TB, network memnet.Network) (*bench, <-chan net.Conn) {
	t.Helper()
	b := &bench{Registry: faults.New(faults.Config{}), network: network}
	raw, err := network.Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	b.addr = raw.Addr().String()
	l := b.Hooks().Listen(raw, faults.DoorRESP)
	accepted := make(chan net.Conn, 16)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			accepted <- conn
		}
	}()
	t.Cleanup(func() {
		l.Close()
		b.Close()
		<-ended
	})
	return b, accepted
}

// goroutinesOf is an error if a goroutine runs code of the package faults, but for
// those that accept.
func goroutinesOf(pkg string) error {
	stacks := make([]byte, 1<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	for stack := range strings.SplitSeq(string(stacks), "\n\n") {
		if strings.Contains(stack, "upstash/"+pkg+".") && !strings.Contains(stack, "Accept") {
			return fmt.Errorf("a goroutine is left:\n%s", stack)
		}
	}
	return nil
}
