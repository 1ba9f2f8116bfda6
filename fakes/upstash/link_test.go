package upstash

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/fakes/memnet"
)

// joined is a link between a client and an engine that the test plays, by a
// connection of the client's own.
func joined(t *testing.T) (l *link, client, engine *bufio.ReadWriter, pumped chan error) {
	clientEnd, serverEnd := memnet.Pipe(1 << 20)
	routeEnd, engineEnd := memnet.Pipe(1 << 20)
	l = newLink(newActiveConn(serverEnd), spawn, func() {}, DefaultMaxRequestBytes)
	own := newOwnRoute(l, routeEnd, func() {})
	l.route = own
	pumped = make(chan error, 1)
	go func() { pumped <- own.pump() }()
	t.Cleanup(func() {
		l.close()
		clientEnd.Close()
		engineEnd.Close()
	})
	return l, both(clientEnd), both(engineEnd), pumped
}

func spawn(f func()) { go f() }

func both(rw io.ReadWriter) *bufio.ReadWriter {
	return bufio.NewReadWriter(bufio.NewReader(rw), bufio.NewWriterSize(rw, 0))
}

func say(t *testing.T, to *bufio.ReadWriter, text string) {
	_, err := to.WriteString(text)
	require.NoError(t, err)
	require.NoError(t, to.Flush())
}

func hear(t *testing.T, from *bufio.ReadWriter, want string) {
	got := make([]byte, len(want))
	_, err := io.ReadFull(from, got)
	require.NoError(t, err)
	require.Equal(t, want, string(got))
}

func TestLinkWaitsWhileTooManyRepliesAreOwed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, client, engine, _ := joined(t)
		l.limit = 2
		sent := 0
		go func() {
			for sent < 4 && l.forward([]byte("PING\r\n"), debt{}) == nil {
				sent++
			}
			_ = l.reply([]byte("+local\r\n"))
			_ = l.flush()
		}()
		synctest.Wait()
		require.Equal(t, 2, sent)
		hear(t, engine, "PING\r\nPING\r\n") // flushed, or nobody could answer
		say(t, engine, "+1\r\n")
		hear(t, client, "+1\r\n")
		synctest.Wait()
		require.Equal(t, 3, sent)
		say(t, engine, "+2\r\n")
		hear(t, engine, "PING\r\nPING\r\n")
		say(t, engine, "+3\r\n+4\r\n")
		hear(t, client, "+2\r\n+3\r\n+4\r\n+local\r\n")
	})
}

// It waits also while local replies take too much memory.
func TestLinkWaitsWhileLocalRepliesTakeTooMuch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, _, engine, _ := joined(t)
		require.NoError(t, l.forward([]byte("BLPOP q 0\r\n"), debt{}))
		replied := 0
		go func() {
			for replied < 100 && l.reply(make([]byte, 1<<20)) == nil {
				replied++
			}
		}()
		synctest.Wait()
		require.Equal(t, maxLocal>>20, replied)
		hear(t, engine, "BLPOP q 0\r\n")
		l.client.Close() // noticed when there is something to deliver
		say(t, engine, "*-1\r\n")
		synctest.Wait()
		require.Equal(t, 100, replied)
	})
}

// greedy is a link whose client has 100 MiB of replies waiting for it, of so many
// bytes each. replied is how many bytes were not too many.
func greedy(t *testing.T, size int) (client net.Conn, replied *atomic.Int64) {
	client, server := memnet.Pair()
	l := newLink(newActiveConn(server), spawn, func() {}, DefaultMaxRequestBytes)
	t.Cleanup(func() {
		client.Close()
		l.close()
	})
	replied = &atomic.Int64{}
	go func() {
		for replied.Load() < 100<<20 && l.reply(make([]byte, size)) == nil {
			replied.Add(int64(size))
		}
		_ = l.flush()
	}()
	return client, replied
}

// It waits also while its client leaves much unread.
func TestLinkWaitsForASlowClient(t *testing.T) {
	for _, size := range []int{1 << 20, 1 << 10} {
		synctest.Test(t, func(t *testing.T) {
			client, replied := greedy(t, size)
			synctest.Wait()
			require.InDelta(t, maxUnread, replied.Load(), 1<<20)
			for range 100 {
				time.Sleep(unreadTimeout / 2) // slow, but reading
				_, err := io.CopyN(io.Discard, client, 1<<20)
				require.NoError(t, err)
			}
			require.EqualValues(t, 100<<20, replied.Load())
		})
	}
}

func TestLinkCutsOffAClientThatReadsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, replied := greedy(t, 1<<20)
		time.Sleep(unreadTimeout - time.Second)
		require.Less(t, replied.Load(), int64(100<<20))
		time.Sleep(2 * time.Second)
		require.EqualValues(t, 100<<20, replied.Load(), "nobody waits for it any more")
		got, err := io.ReadAll(client)
		require.NoError(t, err)
		require.Less(t, len(got), 2<<20)
	})
}

// A lane hands each client its own replies, and one that leaves hurts no other.
func TestLaneServesItsClientsInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		laneEnd, engineEnd := memnet.Pair()
		engine := both(engineEnd)
		ended := make(chan error, 1)
		shared := newLane(laneEnd, 0, spawn, func(err error) { ended <- err })
		var links []*link
		var clients []*bufio.ReadWriter
		for range 3 {
			clientEnd, serverEnd := memnet.Pair()
			l := newLink(newActiveConn(serverEnd), spawn, func() {}, 50)
			var err error
			l.route, err = shared.join(l)
			require.NoError(t, err)
			links, clients = append(links, l), append(clients, both(clientEnd))
		}
		for i, l := range links {
			for range 2 {
				require.NoError(t, l.forward(fmt.Appendf(nil, "GET %d\r\n", i), debt{}))
			}
			require.NoError(t, l.reply([]byte("+local\r\n")))
			require.NoError(t, l.flush())
		}
		hear(t, engine, "GET 0\r\nGET 0\r\nGET 1\r\nGET 1\r\nGET 2\r\nGET 2\r\n")
		links[1].close()
		say(t, engine, "+a\r\n$51\r\n"+strings.Repeat("x", 51)+"\r\n:1\r\n:2\r\n-ERR value is not an integer or out of range\r\n")
		hear(t, clients[0], "+a\r\n-ERR max request size exceeded. Limit: 50 bytes, Actual: 51 bytes. "+
			"See https://upstash.com/docs/redis/troubleshooting/max_request_size_exceeded for details\r\n+local\r\n")
		hear(t, clients[2], "-ERR value is not an int or out of range\r\n")
		say(t, engine, "*1\r\n:1\r\n")
		hear(t, clients[2], "*1\r\n:1\r\n+local\r\n")

		require.NoError(t, links[2].forward([]byte("GET 2\r\n"), debt{}))
		require.NoError(t, links[2].flush())
		hear(t, engine, "GET 2\r\n")
		engineEnd.Close()
		require.ErrorIs(t, <-ended, io.EOF)
		_, err := clients[2].ReadByte()
		require.ErrorIs(t, err, io.EOF, "as if the connection had been its own")
		require.True(t, links[0].route.broken())
		require.NoError(t, links[0].reply([]byte("+still there\r\n")))
		links[0].flushOut()
		hear(t, clients[0], "+still there\r\n")
		_, err = shared.join(links[0])
		require.ErrorIs(t, err, errLaneClosed)
		links[0].close()
	})
}

// A client that left must not leave its goroutine waiting for room.
func TestLinkDoesNotWaitForAClientThatLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, _, engine, _ := joined(t)
		l.limit = 1
		done := make(chan error, 1)
		go func() {
			for range 3 {
				if err := l.forward([]byte("PING\r\n"), debt{}); err != nil {
					done <- err
					return
				}
			}
			done <- l.flush()
		}()
		synctest.Wait()
		l.client.Close()
		say(t, engine, "+1\r\n") // which cannot be delivered
		require.NoError(t, <-done)
		hear(t, engine, "PING\r\nPING\r\nPING\r\n")
	})
}

// miniredis may send a message after the reply that ended its subscription.
func TestLinkDropsAMessageOfATopicThatWasLeft(t *testing.T) {
	l, client, engine, _ := joined(t)
	const (
		subscribed   = "*3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n"
		message      = "*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$1\r\nm\r\n"
		unsubscribed = "*3\r\n$11\r\nunsubscribe\r\n$1\r\nc\r\n:0\r\n"
		list         = "*3\r\n$7\r\nmessage\r\n$5\r\nother\r\n$1\r\nm\r\n"
	)
	require.NoError(t, l.forward([]byte("SUBSCRIBE c\r\n"), debt{subs: 1}))
	require.NoError(t, l.forward([]byte("UNSUBSCRIBE c\r\n"), debt{subs: 1}))
	require.NoError(t, l.forward([]byte("LRANGE k 0 -1\r\n"), debt{}))
	say(t, engine, subscribed+message+unsubscribed+message)
	hear(t, client, subscribed+message+unsubscribed)
	say(t, engine, list)
	hear(t, client, list) // a reply, although it looks like a message
}

// An engine that does not answer is given up, but only while it owes something.
func TestLaneGivesUpAnEngineThatDoesNotAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		laneEnd, engineEnd := memnet.Pair()
		defer engineEnd.Close()
		engine := both(engineEnd)
		ended := make(chan error, 1)
		shared := newLane(laneEnd, time.Minute, spawn, func(err error) { ended <- err })
		_, serverEnd := memnet.Pair()
		l := newLink(newActiveConn(serverEnd), spawn, func() {}, DefaultMaxRequestBytes)
		var err error
		l.route, err = shared.join(l)
		require.NoError(t, err)
		for range 2 {
			require.NoError(t, l.forward([]byte("GET k\r\n"), debt{}))
			require.NoError(t, l.flush())
			hear(t, engine, "GET k\r\n")
			time.Sleep(59 * time.Second)
			say(t, engine, "+v\r\n")
			time.Sleep(time.Hour) // nothing is owed
		}
		began := time.Now()
		require.NoError(t, l.forward([]byte("GET k\r\n"), debt{}))
		require.NoError(t, l.flush())
		require.ErrorIs(t, <-ended, os.ErrDeadlineExceeded)
		require.Equal(t, time.Minute, time.Since(began))
		require.ErrorIs(t, l.quiesce(), net.ErrClosed)
	})
}

func TestLinkEndsWhenTheEngineIsOutOfStep(t *testing.T) {
	for _, wire := range []string{"+OK\r\n", ">3\r\n+subscribe\r\n+a\r\n:1\r\n"} {
		_, client, engine, pumped := joined(t)
		say(t, engine, wire)
		require.ErrorIs(t, <-pumped, errUnasked)
		_, err := client.ReadByte()
		require.ErrorIs(t, err, io.EOF)
	}
}
