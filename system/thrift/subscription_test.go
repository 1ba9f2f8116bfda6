package thrift

import (
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
)

// go-redis understands the switchboard's answers as it does those of miniredis.
func TestSubscribersGetTheAnswersOfRedis(t *testing.T) {
	bubble(t, func(t *testing.T) {
		m, board := newMemory(t), newSwitchboard()
		defer board.close()
		ask := func(sub *redis.PubSub) (answers []any) {
			defer func() { require.NoError(t, sub.Close()) }()
			expect := func(n int, err error) {
				require.NoError(t, err)
				for range n {
					answer, err := sub.ReceiveTimeout(t.Context(), time.Second)
					require.NoError(t, err, "after %v", answers)
					answers = append(answers, answer)
				}
			}
			expect(1, sub.Ping(t.Context()))
			expect(1, sub.Ping(t.Context(), "hello"))
			expect(2, sub.Subscribe(t.Context(), "a", "b"))
			expect(1, sub.Subscribe(t.Context(), "a"))
			expect(1, sub.Ping(t.Context()))
			expect(1, sub.Ping(t.Context(), "hello"))
			expect(2, sub.Unsubscribe(t.Context(), "a", "none"))
			expect(1, sub.Unsubscribe(t.Context()))
			expect(1, sub.Unsubscribe(t.Context()))
			expect(1, sub.Ping(t.Context()))
			return answers
		}
		require.Equal(t, ask(m.client().Subscribe(t.Context())), ask(board.subscribe(t.Context())))
	})
}

// Everything at the same time, for the race detector; the bubble ends only when no goroutine is left.
func TestSubscribersComeAndGoAtOnce(t *testing.T) {
	bubble(t, func(t *testing.T) {
		board := newSwitchboard()
		var all sync.WaitGroup
		for i := range 8 {
			all.Go(func() {
				for range 20 {
					sub := board.subscribe(t.Context(), "news", strconv.Itoa(i))
					_, _ = sub.ReceiveTimeout(t.Context(), time.Second)
					_ = sub.Unsubscribe(t.Context(), "news")
					_ = sub.Close()
				}
			})
			all.Go(func() {
				for range 200 {
					board.publish("news", "x")
					board.publish(strconv.Itoa(i), "x")
				}
			})
		}
		all.Wait()
		all.Go(board.close)
		all.Go(board.close)
		sub := board.subscribe(t.Context(), "news")
		all.Wait()
		_, err := sub.ReceiveTimeout(t.Context(), time.Second)
		require.Error(t, err)
		require.NoError(t, sub.Close())
		require.Empty(t, board.links)
	})
}
