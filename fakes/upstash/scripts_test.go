package upstash_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"tollgate/fakes/upstash/engine"
	"tollgate/fakes/upstash/resp"
)

// watching is an engine that wants to be told of scripts.
type watching struct {
	*engine.Embedded
	asked, told atomic.Int64
	hold        chan struct{} // closed when scripts may be passed on
	onGap       atomic.Pointer[func(error)]
}

func (w *watching) WatchScript(context.Context, uint64) func() {
	w.asked.Add(1)
	return func() {
		<-w.hold
		w.told.Add(1)
	}
}

func (w *watching) OnGap(f func(error)) { w.onGap.Store(&f) }

// The engine is asked before whatever may run a script, and for nothing else.
func TestScriptsAreWatched(t *testing.T) {
	for commands, want := range map[string]int64{
		"GET k|SET k v|PING": 0,
		"EVAL 1 0":           1,
		"evalsha ffffffffffffffffffffffffffffffffffffffff 0|EVAL 1 0": 2,
		"MULTI|GET k|EXEC":                        0,
		"MULTI|EVAL 1 0|EVAL 1 0|GET k|EXEC":      1,
		"MULTI|EVAL 1 0|MULTI|EXEC":               1, // a nested MULTI changes nothing
		"MULTI|EVAL 1 0|DISCARD":                  0,
		"MULTI|EVAL 1 0|DISCARD|MULTI|GET k|EXEC": 0,
		"EXEC": 0,
		"MULTI|EVAL 1 0|EXEC|EXEC|MULTI|GET k|EXEC": 1,
		"MULTI|EVAL 1 0|NOSUCH|EXEC":                0, // it does not run
		"MULTI k|EVAL 1 0":                          1, // there is no transaction
	} {
		cfg := settings(t)
		w := &watching{Embedded: embedded(t), hold: make(chan struct{})}
		close(w.hold)
		cfg.Engine = w
		c := login(t, start(t, cfg))
		for command := range strings.SplitSeq(commands, "|") {
			c.send(strings.Fields(command)...)
			_, err := resp.ReadValue(c.r, resp.Limits{})
			require.NoError(t, err)
		}
		require.Equal(t, want, w.asked.Load(), commands)
		require.Equal(t, want, w.told.Load(), commands)
	}
}

func TestRESTScriptsAreWatched(t *testing.T) {
	for body, want := range map[string]int64{
		`[["GET","k"],["SET","k","v"]]`:                     0,
		`[["EVAL","return 1","0"]]`:                         1,
		`[["EVAL","return 1","0"],["eval","return 2","0"]]`: 1, // they are sent together
	} {
		for _, path := range []string{"/pipeline", "/multi-exec"} {
			cfg := settings(t)
			w := &watching{Embedded: embedded(t), hold: make(chan struct{})}
			close(w.hold)
			cfg.Engine = w
			f := start(t, cfg)
			status, _ := post(t, web(t, f), f.RESTURL()+path, body)
			require.Equal(t, 200, status)
			require.Equal(t, want, w.asked.Load(), body)
			require.Equal(t, want, w.told.Load(), body)
		}
	}
}

// A script's reply waits until the engine has told all; what came before it does
// not wait.
func TestReplyWaitsUntilScriptsAreTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := settings(t)
		w := &watching{Embedded: embedded(t), hold: make(chan struct{})}
		cfg.Engine = w
		f := start(t, cfg)
		c := login(t, f)
		c.send("PING", "before")
		c.send("EVAL", "return 1", "0")
		c.send("PING", "after")
		c.line("$6 | before")
		var passed atomic.Bool
		go func() {
			c.line(":1 | $5 | after")
			passed.Store(true)
		}()
		synctest.Wait()
		require.False(t, passed.Load())
		close(w.hold)
		synctest.Wait()
		require.True(t, passed.Load())
	})
}

func TestGapsAreBooked(t *testing.T) {
	cfg := settings(t)
	w := &watching{Embedded: embedded(t)}
	cfg.Engine = w
	f := start(t, cfg)
	before := f.Ledger().Snapshot()
	for range 3 {
		(*w.onGap.Load())(errors.New("it broke"))
	}
	require.EqualValues(t, 3, f.Ledger().Snapshot().Gaps)
	require.EqualValues(t, 3, f.Ledger().Snapshot().Since(before).Gaps)
	require.NoError(t, f.Close())
	(*w.onGap.Load())(errors.New("it broke"))
	require.EqualValues(t, 3, f.Ledger().Snapshot().Gaps, "the account of a closed server is closed")
}
