package conformance_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"tollgate/fakes/memnet"
	"tollgate/fakes/upstash"
)

const (
	manyConnections = 10_000
	manyRESTClients = 1_000
	// bytesPerConnection is the most memory that an idle TCP connection may hold in
	// the fake with its embedded engine: heap and stacks.
	bytesPerConnection = 32 << 10
	// crowdVariable tells a child process where the crowd goes.
	crowdVariable = "TOLLGATE_TEST_CROWD"
	// kept is how many goroutines may stay for the connections to the engine that the
	// REST door keeps: up to 16.
	kept = 16 * 4
	// spareFiles is how many file descriptors the rest of the process may need.
	spareFiles = 500
)

// server starts a fake on real sockets.
func server(t testing.TB) *upstash.Server {
	s, err := upstash.Start(t.Context(), upstash.Config{
		Network: memnet.TCP(), Logger: logged.logger(),
		RESPAddr: "127.0.0.1:0", RESTAddr: "127.0.0.1:0", Tokens: []upstash.Token{{Value: fullToken}},
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

// Ten thousand clients are connected at once, each is answered, and each is
// forgotten when it leaves. They are in a process of their own, as one process may
// not have files enough for both ends.
func TestHoldsTenThousandConnections(t *testing.T) {
	if testing.Short() {
		t.Skip("takes some seconds")
	}
	var files syscall.Rlimit
	require.NoError(t, syscall.Getrlimit(syscall.RLIMIT_NOFILE, &files))
	if need := uint64(manyConnections + 2*manyRESTClients + spareFiles); files.Cur < need {
		t.Skipf("a process may have %d files open here, and this takes %d: raise `ulimit -n`", files.Cur, need)
	}
	s := server(t)
	goroutines := runtime.NumGoroutine()
	before := memoryInUse()

	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	clients := exec.CommandContext(ctx, os.Args[0])
	clients.Env = append(os.Environ(), crowdVariable+"="+s.RESPAddr())
	clients.Stderr = os.Stderr
	leave, err := clients.StdinPipe()
	require.NoError(t, err)
	answers, err := clients.StdoutPipe()
	require.NoError(t, err)
	begin := time.Now()
	require.NoError(t, clients.Start())
	line, err := bufio.NewReader(answers).ReadString('\n')
	require.NoError(t, err, "the crowd has failed")
	require.Equal(t, "all were answered\n", line)
	took := time.Since(begin)

	account := s.Ledger().Snapshot()
	require.EqualValues(t, manyConnections, account.Connections.Open)
	require.EqualValues(t, 3*manyConnections, account.Total.Wire)
	each := (memoryInUse() - before) / manyConnections
	t.Logf("%d connections: %v until all were answered, %d bytes each, %.1f goroutines each",
		manyConnections, took.Round(time.Millisecond), each, float64(runtime.NumGoroutine()-goroutines)/manyConnections)
	require.LessOrEqual(t, each, int64(bytesPerConnection))

	holdRESTClients(t, s) // besides
	require.EqualValues(t, manyConnections, s.Ledger().Snapshot().Connections.Open)

	require.NoError(t, leave.Close())
	require.NoError(t, clients.Wait())
	require.Eventually(t, func() bool { return s.Ledger().Snapshot().Connections.Open == 0 }, 20*time.Second, 20*time.Millisecond)
	require.EqualValues(t, manyConnections, s.Ledger().Snapshot().Connections.Peak)
	require.Eventually(t, func() bool { return runtime.NumGoroutine() <= goroutines+kept }, 20*time.Second, 20*time.Millisecond,
		"goroutines: %d before", goroutines)
}

// memoryInUse is what heap and stacks take, in bytes.
func memoryInUse() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc + m.StackInuse)
}

// crowd is the child process: it connects, has each connection answered, and
// leaves when its standard input ends.
func crowd(addr string) (code int) {
	conns := make([]net.Conn, manyConnections)
	var group errgroup.Group
	group.SetLimit(64)
	for i := range conns {
		group.Go(func() error {
			conn, err := net.DialTimeout("tcp", addr, 10*time.Second)
			if err != nil {
				return err
			}
			conns[i] = conn
			return greet(conn, i)
		})
	}
	if err := group.Wait(); err != nil {
		fmt.Fprintln(os.Stderr, "crowd:", err)
		return 1
	}
	fmt.Fprintln(os.Stdout, "all were answered")
	_, _ = io.Copy(io.Discard, os.Stdin)
	for _, conn := range conns {
		conn.Close()
	}
	return 0
}

func greet(conn net.Conn, i int) error {
	if err := conn.SetDeadline(time.Now().Add(30 * time.Second)); err != nil {
		return err
	}
	value := fmt.Sprintf("%05d", i)
	want := "+PONG\r\n+OK\r\n$5\r\n" + value + "\r\n"
	if _, err := fmt.Fprintf(conn, "PING\r\nSET crowd-%s %s\r\nGET crowd-%s\r\n", value, value, value); err != nil {
		return err
	}
	got := make([]byte, len(want))
	if _, err := io.ReadFull(conn, got); err != nil {
		return err
	}
	if string(got) != want {
		return fmt.Errorf("connection %d was answered %q", i, got)
	}
	return conn.SetDeadline(time.Time{})
}

func TestHoldsAThousandRESTClients(t *testing.T) {
	if testing.Short() {
		t.Skip("takes some seconds")
	}
	holdRESTClients(t, server(t))
}

// holdRESTClients has so many clients at once connected to the REST door, and each
// answered.
func holdRESTClients(t *testing.T, s *upstash.Server) {
	goroutines := runtime.NumGoroutine()
	before := memoryInUse()
	var ready, done sync.WaitGroup
	var group errgroup.Group
	gate := make(chan struct{})
	ready.Add(manyRESTClients)
	done.Add(manyRESTClients)
	leave := make(chan struct{})
	for i := range manyRESTClients {
		group.Go(func() error {
			transport := &http.Transport{}
			defer transport.CloseIdleConnections()
			client := &http.Client{Transport: transport, Timeout: time.Minute}
			err := call(client, s.RESTURL(), fmt.Sprintf(`["SET","rest-%d",%d]`, i, i), `{"result":"OK"}`)
			ready.Done()
			<-gate // all are connected
			for range 5 {
				if err == nil {
					err = call(client, s.RESTURL(), fmt.Sprintf(`["GET","rest-%d"]`, i), fmt.Sprintf(`{"result":"%d"}`, i))
				}
			}
			done.Done()
			<-leave
			return err
		})
	}
	ready.Wait()
	begin := time.Now()
	close(gate)
	done.Wait()
	took := time.Since(begin)
	open := s.Ledger().Snapshot().RESTConnections.Open
	each := (memoryInUse() - before) / manyRESTClients
	close(leave)
	require.NoError(t, group.Wait())
	require.EqualValues(t, manyRESTClients, open)
	t.Logf("%d clients: 5 requests each in %v, %d bytes each, both ends", manyRESTClients, took.Round(time.Millisecond), each)
	require.Eventually(t, func() bool { return s.Ledger().Snapshot().RESTConnections.Open == 0 }, 20*time.Second, 10*time.Millisecond)
	require.Eventually(t, func() bool { return runtime.NumGoroutine() <= goroutines+kept }, 20*time.Second, 10*time.Millisecond,
		"goroutines: %d before", goroutines)
}

func call(client *http.Client, url, body, want string) error {
	req, err := http.NewRequest(http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+fullToken)
	res, err := client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	got, err := io.ReadAll(res.Body)
	if err == nil && string(got) != want {
		err = fmt.Errorf("%s was answered %s", body, got)
	}
	return err
}
