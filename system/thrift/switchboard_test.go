package thrift

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
)

// A subscription of a day is pinged 28,800 times and never connects anew.
func TestSwitchboardDelivers(t *testing.T) {
	bubble(t, func(t *testing.T) {
		b := newSwitchboard()
		defer b.close()
		first := b.subscribe(t.Context(), cancelChannel)
		second := b.subscribe(t.Context(), cancelChannel, "other")
		synctest.Wait()
		require.Equal(t, 2, b.publish(cancelChannel, "job-1"))
		require.Equal(t, 1, b.publish("other", "x"))
		require.Zero(t, b.publish("nobody", "x"))

		messages, others := first.Channel(), second.Channel()
		require.Equal(t, "job-1", (<-messages).Payload)
		require.Equal(t, "job-1", (<-others).Payload)
		require.Equal(t, "other", (<-others).Channel)

		time.Sleep(24 * time.Hour)
		require.NoError(t, second.Unsubscribe(t.Context(), cancelChannel))
		synctest.Wait()
		require.Equal(t, 1, b.publish(cancelChannel, "job-2"))
		require.Equal(t, "job-2", (<-messages).Payload)
		require.EqualValues(t, 2, b.client.PoolStats().PubSubStats.Created, "connections")

		require.NoError(t, first.Close())
		require.NoError(t, second.Close())
		synctest.Wait()
		require.Zero(t, b.publish(cancelChannel, "job-3"))
		require.Empty(t, b.links)
	})
}

// A subscriber that does not read holds nobody up, and finds its way back.
func TestSwitchboardCutsOffWhoDoesNotRead(t *testing.T) {
	bubble(t, func(t *testing.T) {
		b := newSwitchboard()
		defer b.close()
		slow := b.subscribe(t.Context(), cancelChannel)
		defer func() { require.NoError(t, slow.Close()) }()
		_, err := slow.Receive(t.Context())
		require.NoError(t, err)
		delivered := 0
		for b.publish(cancelChannel, "job") == 1 {
			delivered++
			require.LessOrEqual(t, delivered, maxUndelivered+1, "one more may be on its way")
		}
		require.GreaterOrEqual(t, delivered, maxUndelivered)
		synctest.Wait()
		require.Empty(t, b.links)

		messages := slow.Channel()
		time.Sleep(time.Second)
		require.Equal(t, 1, b.publish(cancelChannel, "later"))
		last := ""
		for last != "later" {
			last = (<-messages).Payload
		}
	})
}

// Closed, a switchboard leaves subscriptions to their owners: asynq's server panics when one ends that it did not close.
func TestSwitchboardClose(t *testing.T) {
	bubble(t, func(t *testing.T) {
		b := newSwitchboard()
		sub := b.subscribe(t.Context(), cancelChannel)
		messages := sub.Channel()
		synctest.Wait()
		b.close()
		b.close()
		require.Empty(t, b.links)
		require.Zero(t, b.publish(cancelChannel, "job"))
		time.Sleep(time.Minute)
		select {
		case m, ok := <-messages:
			require.Fail(t, "nothing was to come", "%v, %v", m, ok)
		default:
		}
		late := b.subscribe(t.Context(), cancelChannel)
		_, err := late.Receive(t.Context())
		require.ErrorIs(t, err, errSwitchboardClosed)
		require.NoError(t, late.Close())
		require.NoError(t, sub.Close())
		_, ok := <-messages
		require.False(t, ok)
	})
}

// switched is a client whose subscriptions are a switchboard's.
type switched struct {
	redis.UniversalClient
	board *switchboard
}

func (s switched) Subscribe(ctx context.Context, channels ...string) *redis.PubSub {
	return s.board.subscribe(ctx, channels...)
}

func TestSwitchboardCancelsJobsOfAsynq(t *testing.T) {
	bubble(t, func(t *testing.T) {
		m := newMemory(t)
		b := newSwitchboard()
		client := switched{m.client(), b}
		server := asynq.NewServerFromRedisClient(client, asynq.Config{Concurrency: 1, LogLevel: asynq.FatalLevel})
		started, ended := make(chan struct{}), make(chan error, 1)
		require.NoError(t, server.Start(asynq.HandlerFunc(func(ctx context.Context, _ *asynq.Task) error {
			close(started)
			<-ctx.Done()
			ended <- ctx.Err()
			return nil
		})))
		_, err := asynq.NewClientFromRedisClient(client).Enqueue(asynq.NewTask("wait", nil), asynq.TaskID("job-1"))
		require.NoError(t, err)
		<-started
		require.Equal(t, 1, b.publish(cancelChannel, "job-1"))
		synctest.Wait()
		require.Len(t, ended, 1)
		require.ErrorIs(t, <-ended, context.Canceled)
		require.Empty(t, m.redis.PubSubChannels(""), "nothing reached Redis")
		server.Shutdown()
		b.close()
	})
}

// wire is a subscriber that speaks for itself.
func wire(t *testing.T, b *switchboard) net.Conn {
	conn, err := b.dial()
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

func TestSwitchboardAnswersAsRedisDoes(t *testing.T) {
	for _, c := range []struct {
		name, sent, want string
	}{
		{"hello", "*2\r\n$5\r\nHELLO\r\n$1\r\n3\r\n", "-ERR command \"hello\" is unknown or incomplete\r\n"},
		{"client", "*3\r\n$6\r\nCLIENT\r\n$7\r\nSETNAME\r\n$1\r\nx\r\n", "+OK\r\n"},
		{"subscribe", "*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n$1\r\nb\r\n", "*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n*3\r\n$9\r\nsubscribe\r\n$1\r\nb\r\n:2\r\n"},
		{"subscribe to nothing", "*1\r\n$9\r\nsubscribe\r\n", "-ERR command \"subscribe\" is unknown or incomplete\r\n"},
		{"unsubscribe from nothing", "*1\r\n$11\r\nunsubscribe\r\n", "*3\r\n$11\r\nunsubscribe\r\n$-1\r\n:0\r\n"},
		{
			"unsubscribe from all", "*2\r\n$9\r\nsubscribe\r\n$1\r\na\r\n*1\r\n$11\r\nunsubscribe\r\n",
			"*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n*3\r\n$11\r\nunsubscribe\r\n$1\r\na\r\n:0\r\n",
		},
		{"ping", "*1\r\n$4\r\nPING\r\n", "+PONG\r\n"},
		{"ping with text", "*2\r\n$4\r\nPING\r\n$2\r\nhi\r\n", "$2\r\nhi\r\n"},
		{
			"ping of a subscriber", "*2\r\n$9\r\nsubscribe\r\n$1\r\na\r\n*1\r\n$4\r\nPING\r\n",
			"*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n*2\r\n$4\r\npong\r\n$0\r\n\r\n",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				b := newSwitchboard()
				defer b.close()
				conn := wire(t, b)
				_, err := io.WriteString(conn, c.sent+"*1\r\n$4\r\nQUIT\r\n")
				require.NoError(t, err)
				got, err := io.ReadAll(conn)
				require.NoError(t, err)
				require.Equal(t, c.want+"+OK\r\n", string(got))
				synctest.Wait()
				require.Empty(t, b.links)
			})
		})
	}
}

func TestSwitchboardHangsUpOnGarbage(t *testing.T) {
	for _, garbage := range []string{
		"GET / HTTP/1.1\r\n", "*x\r\n", "*0\r\n", "*-1\r\n", "*65\r\n", "*1\r\n:5\r\n", "*1\r\n$4097\r\n", "*1\r\n$-1\r\n",
		"\r\n", strings.Repeat("*", 5000),
	} {
		bubble(t, func(t *testing.T) {
			b := newSwitchboard()
			defer b.close()
			conn := wire(t, b)
			_, _ = io.WriteString(conn, garbage)
			got, err := io.ReadAll(conn)
			require.NoError(t, err)
			require.Empty(t, got)
		})
	}
}

// What is read is what was written, and nothing beyond the bounds.
func FuzzReadCommand(f *testing.F) {
	f.Add([]byte("*2\r\n$9\r\nsubscribe\r\n$12\r\nasynq:cancel\r\n"))
	f.Add([]byte("*1\r\n$0\r\n\r\n"))
	f.Add([]byte("*1\r\n$-1\r\n"))
	f.Fuzz(func(t *testing.T, sent []byte) {
		command, err := readCommand(bufio.NewReader(bytes.NewReader(sent)))
		if err != nil {
			require.Nil(t, command)
			return
		}
		require.LessOrEqual(t, len(command), maxArguments)
		again := fmt.Sprintf("*%d\r\n", len(command))
		for _, argument := range command {
			require.LessOrEqual(t, len(argument), maxArgument)
			again += bulk(argument)
		}
		reread, err := readCommand(bufio.NewReader(strings.NewReader(again)))
		require.NoError(t, err)
		require.Equal(t, command, reread)
	})
}
