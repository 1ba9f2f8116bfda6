package upstash_test

import (
	"fmt"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"tollgate/fakes/memnet"
)

// onEveryDoor runs a test with go-redis over both protocols, both doors and both
// networks.
func onEveryDoor(t *testing.T, test func(t *testing.T, f fake, o *redis.Options)) {
	for _, network := range []string{"mem", "tcp"} {
		for _, secure := range []bool{false, true} {
			for _, protocol := range []int{2, 3} {
				t.Run(fmt.Sprintf("%s/tls=%v/resp%d", network, secure, protocol), func(t *testing.T) {
					cfg := settings(t)
					if network == "tcp" {
						cfg.Network = memnet.TCP()
					}
					f := start(t, cfg)
					o := f.options()
					if secure {
						o = f.secure(o)
					}
					o.Protocol = protocol
					test(t, f, o)
				})
			}
		}
	}
}

func TestGoRedisCommands(t *testing.T) {
	onEveryDoor(t, func(t *testing.T, _ fake, o *redis.Options) {
		ctx, c := t.Context(), client(t, o)
		require.NoError(t, c.Ping(ctx).Err())
		require.NoError(t, c.Set(ctx, "k", "v", time.Minute).Err())
		require.Equal(t, "v", c.Get(ctx, "k").Val())
		require.ErrorIs(t, c.Get(ctx, "nothing").Err(), redis.Nil)
		require.NoError(t, c.HSet(ctx, "h", "a", "1", "b", "2").Err())
		require.Equal(t, map[string]string{"a": "1", "b": "2"}, c.HGetAll(ctx, "h").Val())
		require.NoError(t, c.ZAdd(ctx, "z", redis.Z{Score: 1.5, Member: "m"}).Err())
		require.Equal(t, []redis.Z{{Score: 1.5, Member: "m"}}, c.ZRangeWithScores(ctx, "z", 0, -1).Val())
		require.ErrorContains(t, c.HGet(ctx, "k", "f").Err(), "WRONGTYPE")
	})
}

func TestGoRedisPipelineAndTransaction(t *testing.T) {
	onEveryDoor(t, func(t *testing.T, _ fake, o *redis.Options) {
		ctx, c := t.Context(), client(t, o)
		cmds, err := c.Pipelined(ctx, func(p redis.Pipeliner) error {
			for i := range 1000 {
				p.Set(ctx, strconv.Itoa(i), i, 0)
			}
			return nil
		})
		require.NoError(t, err)
		require.Len(t, cmds, 1000)

		var got *redis.StringCmd
		_, err = c.TxPipelined(ctx, func(p redis.Pipeliner) error {
			p.Incr(ctx, "999")
			got = p.Get(ctx, "999")
			return nil
		})
		require.NoError(t, err)
		require.Equal(t, "1000", got.Val())
	})
}

func TestGoRedisWatchConflict(t *testing.T) {
	onEveryDoor(t, func(t *testing.T, _ fake, o *redis.Options) {
		ctx, c := t.Context(), client(t, o)
		err := c.Watch(ctx, func(tx *redis.Tx) error {
			require.NoError(t, c.Set(ctx, "k", "other", 0).Err())
			_, err := tx.TxPipelined(ctx, func(p redis.Pipeliner) error {
				p.Set(ctx, "k", "mine", 0)
				return nil
			})
			return err
		}, "k")
		require.ErrorIs(t, err, redis.TxFailedErr)
		require.Equal(t, "other", c.Get(ctx, "k").Val())
	})
}

func TestGoRedisPubSub(t *testing.T) {
	onEveryDoor(t, func(t *testing.T, _ fake, o *redis.Options) {
		ctx, c := t.Context(), client(t, o)
		sub := c.Subscribe(ctx, "a", "b")
		defer sub.Close()
		for range 2 {
			event, err := sub.Receive(ctx)
			require.NoError(t, err)
			require.IsType(t, &redis.Subscription{}, event)
		}
		require.NoError(t, sub.PSubscribe(ctx, "n.*"))
		_, err := sub.Receive(ctx)
		require.NoError(t, err)

		for i := range 100 {
			require.EqualValues(t, 1, c.Publish(ctx, "b", i).Val())
		}
		for i := range 100 {
			message, err := sub.ReceiveMessage(ctx)
			require.NoError(t, err)
			require.Equal(t, strconv.Itoa(i), message.Payload)
		}
		require.EqualValues(t, 1, c.Publish(ctx, "n.x", "hello").Val())
		message, err := sub.ReceiveMessage(ctx)
		require.NoError(t, err)
		require.Equal(t, "n.*", message.Pattern)

		require.NoError(t, sub.Ping(ctx))
		event, err := sub.Receive(ctx)
		require.NoError(t, err)
		require.IsType(t, &redis.Pong{}, event)

		require.NoError(t, sub.Unsubscribe(ctx))
		require.NoError(t, sub.PUnsubscribe(ctx))
		for _, want := range []string{"unsubscribe", "unsubscribe", "punsubscribe"} {
			event, err = sub.Receive(ctx)
			require.NoError(t, err)
			require.Equal(t, want, event.(*redis.Subscription).Kind)
		}
	})
}

func TestGoRedisBlockingPop(t *testing.T) {
	onEveryDoor(t, func(t *testing.T, _ fake, o *redis.Options) {
		ctx := t.Context()
		o.PoolSize = 1 // the popper's one connection is its own
		popper, pusher := client(t, o), client(t, o)
		require.NoError(t, popper.Ping(ctx).Err())

		var group sync.WaitGroup
		defer group.Wait()
		popped := make(chan []string, 1)
		group.Go(func() { popped <- popper.BLPop(ctx, 0, "q").Val() })
		require.NoError(t, pusher.Ping(ctx).Err(), "others go on")
		require.NoError(t, pusher.RPush(ctx, "q", "job").Err())
		require.Equal(t, []string{"q", "job"}, <-popped)
	})
}

func TestGoRedisScripts(t *testing.T) {
	onEveryDoor(t, func(t *testing.T, f fake, o *redis.Options) {
		ctx, c := t.Context(), client(t, o)
		script := redis.NewScript(`redis.call("SET", KEYS[1], ARGV[1]) return redis.call("GET", KEYS[1])`)
		err := c.EvalSha(ctx, script.Hash(), []string{"k"}, "v").Err()
		require.EqualError(t, err, "NOSCRIPT No matching script. Please use EVAL.")

		before := f.Ledger().Snapshot()
		require.Equal(t, "v", script.Run(ctx, c, []string{"k"}, "v").Val()) // EVALSHA, EVAL
		require.Equal(t, "v", script.Run(ctx, c, []string{"k"}, "v").Val()) // EVALSHA
		window := f.Ledger().Snapshot().Since(before)
		require.EqualValues(t, 3, window.Total.Wire)
		require.EqualValues(t, 4, window.Total.Inner)
		require.EqualValues(t, 7, window.Total.Billed)
		require.Equal(t, window.Total, window.ByScript[script.Hash()])
		require.Equal(t, window.Total, window.ByComponent["default"])
	})
}

func TestGoRedisWrongCredentials(t *testing.T) {
	onEveryDoor(t, func(t *testing.T, f fake, o *redis.Options) {
		ctx := t.Context()
		wrong := *o
		wrong.Password = "guess"
		require.EqualError(t, client(t, &wrong).Get(ctx, "k").Err(),
			"WRONGPASS invalid username-password pair or user is disabled")
		none := *o
		none.Password = ""
		require.EqualError(t, client(t, &none).Get(ctx, "k").Err(), "NOAUTH Authentication required")
		require.Zero(t, f.Ledger().Snapshot().Total.Billed)
	})
}

// go-redis's own defaults: identity, maintenance notifications, pipeline pool.
func TestGoRedisWithDefaultHandshake(t *testing.T) {
	f := start(t, settings(t))
	o := f.options()
	o.Protocol, o.DisableIdentity, o.MaintNotificationsConfig = 3, false, nil
	o.ClientName = "defaults"
	c := client(t, o)
	require.NoError(t, c.Set(t.Context(), "k", "v", 0).Err())
	require.Equal(t, "defaults", c.ClientGetName(t.Context()).Val())
	require.Contains(t, c.ClientInfo(t.Context()).Val().LibName, "go-redis")
	require.Contains(t, f.Ledger().Snapshot().ConnectionsByComponent, "defaults")
}

// A pipeline whose replies are larger than all buffers must not deadlock with a
// client that reads only after it has sent everything.
func TestGoRedisPipelineLargerThanEveryBuffer(t *testing.T) {
	f := start(t, settings(t))
	o := f.options()
	o.WriteTimeout, o.ReadTimeout, o.MaxRetries = time.Minute, time.Minute, -1 // of the pipeline as a whole, under the race detector
	ctx, c := t.Context(), client(t, o)
	require.NoError(t, c.Set(ctx, "big", string(make([]byte, 4096)), 0).Err())
	cmds, err := c.Pipelined(ctx, func(p redis.Pipeliner) error {
		for range 10_000 {
			p.Get(ctx, "big") // 40 MB of replies to 0.3 MB of commands
		}
		return nil
	})
	require.NoError(t, err)
	for _, cmd := range cmds {
		require.Len(t, cmd.(*redis.StringCmd).Val(), 4096)
	}
}

func TestDropConnections(t *testing.T) {
	f := start(t, settings(t))
	o := f.options()
	o.MaxRetries = -1
	ctx, c := t.Context(), client(t, o)
	require.NoError(t, c.Set(ctx, "k", "v", 0).Err())
	f.DropConnections()
	err := c.Get(ctx, "k").Err()
	require.Error(t, err)
	require.NotErrorIs(t, err, redis.Nil)
	require.Equal(t, "v", c.Get(ctx, "k").Val(), "it may come back at once, and the data is still there")
}
