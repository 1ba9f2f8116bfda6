package upstash

import (
	"bufio"
	"io"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"tollgate/fakes/memnet"
)

// joined is a link between a client and an engine that the test plays.
func joined(t *testing.T) (l *link, client, engine *bufio.ReadWriter, pumped chan error) {
	clientEnd, serverEnd := memnet.Pipe(1 << 20)
	linkEnd, engineEnd := memnet.Pipe(1 << 20)
	l = newLink(serverEnd, linkEnd, func(f func()) { go f() })
	pumped = make(chan error, 1)
	go func() {
		pumped <- l.pump()
		l.drain()
	}()
	t.Cleanup(func() {
		l.close()
		clientEnd.Close()
		engineEnd.Close()
	})
	both := func(rw io.ReadWriter) *bufio.ReadWriter {
		return bufio.NewReadWriter(bufio.NewReader(rw), bufio.NewWriterSize(rw, 0))
	}
	return l, both(clientEnd), both(engineEnd), pumped
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
			_ = l.toEng.Flush()
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
		l.client.Close() // the pump notices when it has something to deliver
		say(t, engine, "*-1\r\n")
		synctest.Wait()
		require.Equal(t, 100, replied)
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
			done <- l.toEng.Flush()
		}()
		synctest.Wait()
		l.client.Close()
		say(t, engine, "+1\r\n") // which the pump cannot deliver
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

func TestLinkEndsWhenTheEngineIsOutOfStep(t *testing.T) {
	for _, wire := range []string{"+OK\r\n", ">3\r\n+subscribe\r\n+a\r\n:1\r\n"} {
		_, client, engine, pumped := joined(t)
		say(t, engine, wire)
		require.ErrorIs(t, <-pumped, errUnasked)
		_, err := client.ReadByte()
		require.ErrorIs(t, err, io.EOF)
	}
}
