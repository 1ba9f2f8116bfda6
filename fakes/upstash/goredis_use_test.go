package upstash_test

import (
	"errors"
	"sort"
	"strconv"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"
)

// What services do with go-redis beyond single commands, on every door.

// Those that lose a race try again, and no increment is lost.
func TestGoRedisOptimisticLocking(t *testing.T) {
	onEveryDoor(t, func(t *testing.T, _ fake, o *redis.Options) {
		const clients, rounds = 4, 10
		ctx, c := t.Context(), client(t, o)
		add := func(tx *redis.Tx) error {
			n, err := tx.Get(ctx, "counter").Int()
			if err != nil && !errors.Is(err, redis.Nil) {
				return err
			}
			_, err = tx.TxPipelined(ctx, func(p redis.Pipeliner) error {
				p.Set(ctx, "counter", n+1, 0)
				return nil
			})
			return err
		}
		var group errgroup.Group
		for range clients {
			group.Go(func() error {
				for range rounds {
					var err error = redis.TxFailedErr
					for errors.Is(err, redis.TxFailedErr) {
						err = c.Watch(ctx, add, "counter")
					}
					if err != nil {
						return err
					}
				}
				return nil
			})
		}
		require.NoError(t, group.Wait())
		require.Equal(t, strconv.Itoa(clients*rounds), c.Get(ctx, "counter").Val())
	})
}

func TestGoRedisErrorsInPipelineAndTransaction(t *testing.T) {
	onEveryDoor(t, func(t *testing.T, _ fake, o *redis.Options) {
		ctx, c := t.Context(), client(t, o)
		for _, pipelined := range []func(*redis.Client) ([]redis.Cmder, error){
			func(c *redis.Client) ([]redis.Cmder, error) { return c.Pipelined(ctx, mixed(t)) },
			func(c *redis.Client) ([]redis.Cmder, error) { return c.TxPipelined(ctx, mixed(t)) },
		} {
			cmds, err := pipelined(c)
			require.ErrorContains(t, err, "WRONGTYPE")
			require.Len(t, cmds, 4)
			require.NoError(t, cmds[0].Err())
			require.ErrorContains(t, cmds[1].Err(), "WRONGTYPE")
			require.Equal(t, "v", cmds[2].(*redis.StringCmd).Val())
			require.ErrorIs(t, cmds[3].Err(), redis.Nil)
		}
		require.NoError(t, c.Ping(ctx).Err(), "the connection is as good as before")
	})
}

// mixed is commands of which one fails and one finds nothing.
func mixed(t *testing.T) func(redis.Pipeliner) error {
	return func(p redis.Pipeliner) error {
		p.Set(t.Context(), "k", "v", 0)
		p.LPush(t.Context(), "k", "x")
		p.Get(t.Context(), "k")
		p.Get(t.Context(), "none")
		return nil
	}
}

func TestGoRedisBlockingCommandsOfAllKinds(t *testing.T) {
	onEveryDoor(t, func(t *testing.T, _ fake, o *redis.Options) {
		ctx, c := t.Context(), client(t, o)
		require.NoError(t, c.XGroupCreateMkStream(ctx, "stream", "g", "$").Err())
		waits := map[string]struct {
			wait, wake func() error
		}{
			"BRPOP": {
				func() error { return c.BRPop(ctx, time.Minute, "list").Err() },
				func() error { return c.LPush(ctx, "list", "job").Err() },
			},
			"BLMOVE": {
				func() error { return c.BLMove(ctx, "from", "to", "LEFT", "RIGHT", time.Minute).Err() },
				func() error { return c.RPush(ctx, "from", "job").Err() },
			},
			"BZPOPMIN": {
				func() error { return c.BZPopMin(ctx, time.Minute, "zset").Err() },
				func() error { return c.ZAdd(ctx, "zset", redis.Z{Score: 1, Member: "job"}).Err() },
			},
			"XREAD": {
				func() error {
					return c.XRead(ctx, &redis.XReadArgs{Streams: []string{"log", "0"}, Block: time.Minute}).Err()
				},
				func() error { return c.XAdd(ctx, &redis.XAddArgs{Stream: "log", Values: []string{"a", "1"}}).Err() },
			},
			"XREADGROUP": {
				func() error {
					return c.XReadGroup(ctx, &redis.XReadGroupArgs{Group: "g", Consumer: "c", Streams: []string{"stream", ">"}, Block: time.Minute}).Err()
				},
				func() error { return c.XAdd(ctx, &redis.XAddArgs{Stream: "stream", Values: []string{"a", "1"}}).Err() },
			},
		}
		var group errgroup.Group
		for _, w := range waits {
			group.Go(w.wait)
		}
		require.NoError(t, c.Ping(ctx).Err(), "others go on")
		for name, w := range waits {
			require.NoError(t, w.wake(), name)
		}
		require.NoError(t, group.Wait())
		require.ErrorIs(t, c.BLPop(ctx, 50*time.Millisecond, "nothing").Err(), redis.Nil)
	})
}

func TestGoRedisChannelOfMessages(t *testing.T) {
	onEveryDoor(t, func(t *testing.T, _ fake, o *redis.Options) {
		ctx, c := t.Context(), client(t, o)
		sub := c.PSubscribe(ctx, "news.*")
		defer sub.Close()
		_, err := sub.Receive(ctx)
		require.NoError(t, err)
		messages := sub.Channel()
		for i := range 10 {
			require.EqualValues(t, 1, c.Publish(ctx, "news."+strconv.Itoa(i), "\x00\xff").Val())
		}
		for i := range 10 {
			message := <-messages
			require.Equal(t, "news."+strconv.Itoa(i), message.Channel)
			require.Equal(t, "\x00\xff", message.Payload)
		}
		require.Equal(t, map[string]int64{"news.1": 0}, c.PubSubNumSub(ctx, "news.1").Val())
		require.EqualValues(t, 1, c.PubSubNumPat(ctx).Val())
	})
}

func TestGoRedisIterators(t *testing.T) {
	onEveryDoor(t, func(t *testing.T, _ fake, o *redis.Options) {
		ctx, c := t.Context(), client(t, o)
		var want []string
		for i := range 100 {
			key := "key-" + strconv.Itoa(i)
			want = append(want, key)
			require.NoError(t, c.Set(ctx, key, i, 0).Err())
			require.NoError(t, c.SAdd(ctx, "set", key).Err())
		}
		sort.Strings(want)
		all := func(it *redis.ScanIterator) (got []string) {
			for it.Next(ctx) {
				got = append(got, it.Val())
			}
			require.NoError(t, it.Err())
			sort.Strings(got)
			return got
		}
		require.Equal(t, want, all(c.Scan(ctx, 0, "key-*", 7).Iterator()))
		require.Equal(t, want, all(c.SScan(ctx, "set", 0, "", 7).Iterator()))
	})
}

func TestGoRedisConsumerGroup(t *testing.T) {
	onEveryDoor(t, func(t *testing.T, _ fake, o *redis.Options) {
		ctx, c := t.Context(), client(t, o)
		require.NoError(t, c.XGroupCreateMkStream(ctx, "s", "g", "0").Err())
		id, err := c.XAdd(ctx, &redis.XAddArgs{Stream: "s", Values: map[string]any{"a": "1"}}).Result()
		require.NoError(t, err)
		read, err := c.XReadGroup(ctx, &redis.XReadGroupArgs{Group: "g", Consumer: "c", Streams: []string{"s", ">"}}).Result()
		require.NoError(t, err)
		require.Equal(t, []redis.XStream{{Stream: "s", Messages: []redis.XMessage{{ID: id, Values: map[string]any{"a": "1"}}}}}, read)
		pending, err := c.XPending(ctx, "s", "g").Result()
		require.NoError(t, err)
		require.EqualValues(t, 1, pending.Count)
		claimed, _, err := c.XAutoClaim(ctx, &redis.XAutoClaimArgs{Stream: "s", Group: "g", Consumer: "d", Start: "0"}).Result()
		require.NoError(t, err)
		require.Len(t, claimed, 1)
		require.EqualValues(t, 1, c.XAck(ctx, "s", "g", id).Val())
		groups, err := c.XInfoGroups(ctx, "s").Result()
		require.NoError(t, err)
		require.Equal(t, "g", groups[0].Name)
	})
}

func TestGoRedisFieldsThatExpire(t *testing.T) {
	onEveryDoor(t, func(t *testing.T, _ fake, o *redis.Options) {
		ctx, c := t.Context(), client(t, o)
		require.NoError(t, c.HSet(ctx, "h", "a", 1, "b", 2).Err())
		require.Equal(t, []int64{1, -2}, c.HExpire(ctx, "h", time.Hour, "a", "none").Val())
		require.Equal(t, []int64{3600, -1}, c.HTTL(ctx, "h", "a", "b").Val())
		require.Equal(t, []int64{1}, c.HPersist(ctx, "h", "a").Val())
		require.Equal(t, map[string]string{"a": "1", "b": "2"}, c.HGetAll(ctx, "h").Val())
	})
}
