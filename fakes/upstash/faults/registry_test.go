package faults_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/fakes/upstash/faults"
)

// target notes what actions do to it.
type target struct {
	began time.Time

	mu      sync.Mutex
	done    []string
	failing error
}

func newTarget() *target { return &target{began: time.Now()} }

func (t *target) note(what string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.done = append(t.done, fmt.Sprintf("%s at %v", what, time.Since(t.began)))
	return t.failing
}

func (t *target) fail(err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.failing = err
}

// did takes out what was done.
func (t *target) did() (done []string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	done, t.done = t.done, nil
	return done
}

func (t *target) DropConnections()                   { _ = t.note("drop") }
func (t *target) FlushScripts(context.Context) error { return t.note("flush") }
func (t *target) JumpClock(d time.Duration) error    { return t.note("jump by " + d.String()) }

func registry(t *testing.T, cfg faults.Config) *faults.Registry {
	r := faults.New(cfg)
	t.Cleanup(r.Close)
	return r
}

func get(name string) faults.Command {
	return faults.Command{Name: name, Component: "web", Transport: "rest"}
}

// answers are the outcomes of n commands: x for a fault, a dot for none.
func answers(r *faults.Registry, n int) (all string) {
	for range n {
		if r.Hooks().Reply(get("GET")) == "" {
			all += "."
		} else {
			all += "x"
		}
	}
	return all
}

func add(t *testing.T, r *faults.Registry, spec string) string {
	t.Helper()
	f, err := faults.ParseSpec(spec)
	require.NoError(t, err)
	name, err := r.Add(f)
	require.NoError(t, err)
	return name
}

func TestNames(t *testing.T) {
	r := registry(t, faults.Config{})
	require.Equal(t, "loading-1", add(t, r, "loading"))
	require.Equal(t, "loading-3", add(t, r, "loading,name=loading-3"))
	require.Equal(t, "reset-2", add(t, r, "reset"))
	require.Equal(t, "loading-4", add(t, r, "loading"), "a name that is free")
	_, err := r.Add(faults.Fault{Kind: faults.Loading, Name: "reset-2"})
	require.ErrorIs(t, err, faults.ErrExists)
	_, err = r.Remove("nothing")
	require.ErrorIs(t, err, faults.ErrNotFound)
	_, err = r.Get("nothing")
	require.ErrorIs(t, err, faults.ErrNotFound)
	_, err = r.Add(faults.Fault{Kind: "fire"})
	require.ErrorIs(t, err, faults.ErrInvalid)
	require.Len(t, r.List(), 4)
	require.Len(t, r.Clear(), 4)
	require.Empty(t, r.List())

	for range faults.MaxFaults {
		add(t, r, "loading,after=1h")
	}
	_, err = r.Add(faults.Fault{Kind: faults.Loading})
	require.ErrorIs(t, err, faults.ErrFull)
	r.Close()
	_, err = r.Add(faults.Fault{Kind: faults.Loading})
	require.ErrorIs(t, err, faults.ErrClosed)
}

func TestSchedule(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := registry(t, faults.Config{})
		began := time.Now()
		name := add(t, r, "loading,after=1h,for=30m")
		state := func() faults.State {
			report, err := r.Get(name)
			require.NoError(t, err)
			return report.State
		}
		sleepTo := func(at time.Duration) { time.Sleep(at - time.Since(began)); synctest.Wait() }

		require.False(t, r.Hooks().Active())
		require.Equal(t, faults.Waiting, state())
		sleepTo(time.Hour - 1)
		require.Equal(t, ".", answers(r, 1))
		sleepTo(time.Hour)
		require.Equal(t, faults.On, state())
		require.Equal(t, "x", answers(r, 1))
		sleepTo(90*time.Minute - 1)
		require.Equal(t, "x", answers(r, 1))
		sleepTo(90 * time.Minute)
		require.Equal(t, faults.Ended, state())
		require.Equal(t, ".", answers(r, 1))
		require.False(t, r.Hooks().Active())

		report, err := r.Get(name)
		require.NoError(t, err)
		require.Equal(t, began.Add(time.Hour), report.First)
		require.Equal(t, began.Add(90*time.Minute-1), report.Last)
		require.Equal(t, []faults.Firing{
			{At: report.First, On: "GET of web over rest"}, {At: report.Last, On: "GET of web over rest"},
		}, report.Firings)
	})
}

// Timers of faults that are removed never go off, nor do those of a closed registry.
func TestRemovalStopsTimers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		on := newTarget()
		r := registry(t, faults.Config{Target: on})
		add(t, r, "loading,name=a,after=1h,for=1h")
		add(t, r, "failover,name=b,after=1h")
		add(t, r, "failover,name=c,every=1h")
		require.Equal(t, []string{"drop at 0s", "flush at 0s"}, on.did())
		for _, name := range []string{"a", "b", "c"} {
			_, err := r.Remove(name)
			require.NoError(t, err)
		}
		time.Sleep(3 * time.Hour)
		require.Empty(t, on.did())
		require.Equal(t, ".", answers(r, 1))
		add(t, r, "failover,every=1h")
		r.Close()
		time.Sleep(3 * time.Hour)
		require.Len(t, on.did(), 2)
	})
}

func TestCount(t *testing.T) {
	r := registry(t, faults.Config{})
	name := add(t, r, "error,text=ERR no,count=3")
	require.Equal(t, "xxx...", answers(r, 6))
	report, err := r.Remove(name)
	require.NoError(t, err)
	require.Equal(t, faults.Spent, report.State)
	require.Equal(t, int64(3), report.Fired)
	require.Equal(t, int64(3), report.Decisions)
}

func TestSeededDecisions(t *testing.T) {
	decide := func(seed uint64, others ...string) string {
		r := registry(t, faults.Config{Seed: seed})
		for _, spec := range others {
			add(t, r, spec)
		}
		add(t, r, "error,name=some,text=ERR x,probability=0.3")
		return answers(r, 200)
	}
	first := decide(1)
	require.Equal(t, first, decide(1))
	require.NotEqual(t, first, decide(2))
	require.Equal(t, first, decide(1, "readonly", "reset,probability=0.5"), "other faults change nothing")
	fired := 0
	for _, c := range first {
		if c == 'x' {
			fired++
		}
	}
	require.InDelta(t, 60, fired, 20)

	for probability, want := range map[string]string{"0": ".....", "1": "xxxxx"} {
		r := registry(t, faults.Config{})
		name := add(t, r, "loading,probability="+probability)
		require.Equal(t, want, answers(r, 5))
		report, err := r.Get(name)
		require.NoError(t, err)
		require.Equal(t, int64(5), report.Decisions)
	}
}

func TestFiringsAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := registry(t, faults.Config{})
		name := add(t, r, "loading")
		began := time.Now()
		for range faults.MaxFirings + 10 {
			r.Hooks().Reply(get("GET"))
			time.Sleep(time.Second)
		}
		report, err := r.Get(name)
		require.NoError(t, err)
		require.Equal(t, int64(faults.MaxFirings+10), report.Fired)
		require.Len(t, report.Firings, faults.MaxFirings)
		for i, firing := range report.Firings {
			require.Equal(t, began.Add(time.Duration(i+10)*time.Second), firing.At)
		}
	})
}

func TestReplySelectors(t *testing.T) {
	command := func(name, component, transport string) faults.Command {
		return faults.Command{Name: name, Write: name != "GET", Component: component, Transport: transport}
	}
	for spec, hits := range map[string][3]bool{ // GET of web, SCRIPT LOAD of web, SET of jobs
		"loading":                                 {true, true, true},
		"readonly":                                {false, true, true},
		"error,text=ERR x,component=web":          {true, true, false},
		"error,text=ERR x,command=script":         {false, true, false},
		"error,text=ERR x,command=SCRIPT LOAD":    {false, true, false},
		"error,text=ERR x,command=set":            {false, false, true},
		"loading,transport=tcp":                   {},
		"loading,transport=rest,component=jobs":   {false, false, true},
		"loading,door=rest,command=get":           {true, false, false},
		"loading,door=tls":                        {},
		"latency,delay=1ms":                       {},
		"error,text=ERR x,command=SET,after=1ms":  {},
		"error,text=ERR x,command=SETEX,for=10ms": {},
	} {
		synctest.Test(t, func(t *testing.T) {
			r := registry(t, faults.Config{})
			add(t, r, spec)
			got := [3]bool{}
			for i, c := range []faults.Command{
				command("GET", "web", "rest"), command("SCRIPT LOAD", "web", "rest"), command("SET", "jobs", "rest"),
			} {
				got[i] = r.Hooks().Reply(c) != ""
			}
			require.Equal(t, hits, got, spec)
		})
	}
}

func TestActions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		on := newTarget()
		r := registry(t, faults.Config{Target: on})
		once := add(t, r, "failover")
		report, err := r.Get(once)
		require.NoError(t, err)
		require.Equal(t, faults.Ended, report.State)
		require.Equal(t, int64(1), report.Fired)
		require.False(t, r.Hooks().Active(), "it is over")

		require.Equal(t, []string{"drop at 0s", "flush at 0s"}, on.did())
		add(t, r, "script-flush,name=flush,every=1h,for=150m,after=1h")
		add(t, r, "clock-jump,by=-1h,after=90m")
		time.Sleep(10 * time.Hour)
		require.Equal(t, []string{
			"jump by 0s at 0s", // whether it could
			"flush at 1h0m0s", "jump by -1h0m0s at 1h30m0s", "flush at 2h0m0s", "flush at 3h0m0s",
		}, on.did())
		report, err = r.Get("flush")
		require.NoError(t, err)
		require.Equal(t, faults.Ended, report.State)
	})
}

func TestDowntime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := registry(t, faults.Config{Target: newTarget()})
		name := add(t, r, "failover,downtime=10s")
		down := func() bool {
			_, refused := r.Hooks().Refuses(faults.DoorREST)
			return refused
		}
		require.True(t, down())
		time.Sleep(10*time.Second - 1)
		require.True(t, down())
		time.Sleep(time.Nanosecond)
		synctest.Wait()
		require.False(t, down())
		report, err := r.Get(name)
		require.NoError(t, err)
		require.Equal(t, faults.Ended, report.State)

		add(t, r, "failover,name=removed,downtime=10s")
		require.True(t, down())
		_, err = r.Remove("removed")
		require.NoError(t, err)
		require.False(t, down())
	})
}

func TestActionsThatFail(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		on := newTarget()
		broken := errors.New("no engine")
		on.fail(broken)
		r := registry(t, faults.Config{Target: on})
		_, err := r.Add(faults.Fault{Kind: faults.ScriptFlush, Name: "now"})
		require.ErrorIs(t, err, broken)
		_, err = r.Add(faults.Fault{Kind: faults.ClockJump, By: time.Hour, After: time.Hour})
		require.ErrorIs(t, err, broken, "that it cannot be done is known before it is due")
		require.Empty(t, r.List())

		add(t, r, "script-flush,name=later,after=1h,every=1h")
		time.Sleep(90 * time.Minute)
		report, err := r.Get("later")
		require.NoError(t, err)
		require.Contains(t, report.Failure, "no engine")
		require.Zero(t, report.Fired)
		on.fail(nil)
		time.Sleep(time.Hour)
		report, err = r.Get("later")
		require.NoError(t, err)
		require.Equal(t, int64(1), report.Fired, "it tries again")
	})
}
