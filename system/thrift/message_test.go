package thrift

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestWakeUpsAreCompact(t *testing.T) {
	w := wakeUp{"email": {Jobs: true}, "sms": {Due: 1800000000, Groups: true, Pause: pauseUnpaused}, "x": {}}
	require.Equal(t, []string{`{"v":1,"s":"me","q":{"email":{"j":true},"sms":{"d":1800000000,"g":true,"p":2},"x":{}}}`},
		encodeWakeUp("me", w))
	require.Empty(t, encodeWakeUp("me", wakeUp{}))
}

// What is encoded arrives, in messages of bounded size, whatever its size.
func TestWakeUpsRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sender := rapid.StringN(0, 40, 160).Draw(t, "sender")
		sent := wakeUp(rapid.MapOfN(rapid.StringN(1, 400, 1600), rapid.Custom(func(t *rapid.T) wakeQueue {
			q := wakeQueue{
				Jobs:   rapid.Bool().Draw(t, "jobs"),
				Due:    rapid.Int64Min(0).Draw(t, "due"),
				Groups: rapid.Bool().Draw(t, "groups"),
				Pause:  pauseChange(rapid.IntRange(0, 2).Draw(t, "pause")),
			}
			if q == (wakeQueue{}) {
				q.Jobs = true // an empty one need not arrive
			}
			return q
		}), 0, 80).Draw(t, "queues"))

		got := wakeUp{}
		for _, message := range encodeWakeUp(sender, sent) {
			require.LessOrEqual(t, len(message), maxWakeBytes)
			from, w, err := decodeWakeUp(message)
			require.NoError(t, err)
			require.Equal(t, sender, from)
			for name, q := range w {
				require.NotContains(t, got, name)
				got[name] = q
			}
		}
		require.Equal(t, sent, got)
	})
}

func TestLargeWakeUpsAreSplit(t *testing.T) {
	sent := wakeUp{strings.Repeat("n", maxWakeBytes): {Jobs: true}} // cannot be sent
	for i := range 2000 {
		sent[fmt.Sprintf("queue-%d", i)] = wakeQueue{Jobs: true}
	}
	messages := encodeWakeUp("me", sent)
	require.Greater(t, len(messages), 1)
	arrived := 0
	for _, message := range messages {
		_, w, err := decodeWakeUp(message)
		require.NoError(t, err)
		arrived += len(w)
	}
	require.Equal(t, 2000, arrived)
}

func TestDecodeWakeUp(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       wakeUp
		err        error
	}{
		{name: "unknown fields", text: `{"v":1,"s":"a","new":[1],"q":{"x":{"j":true,"new":{}}}}`, want: wakeUp{"x": {Jobs: true}}},
		{name: "unknown pause", text: `{"v":1,"s":"a","q":{"x":{"g":true,"p":7}}}`, want: wakeUp{"x": {Groups: true}}},
		{name: "negative time", text: `{"v":1,"s":"a","q":{"x":{"j":true,"d":-5}}}`, want: wakeUp{"x": {Jobs: true}}},
		{name: "nothing left", text: `{"v":1,"s":"a","q":{"x":{"p":-1}}}`, want: wakeUp{}},
		{name: "no queues", text: `{"v":1,"s":"a"}`, want: wakeUp{}},
		{name: "later version of another shape", text: `{"v":2,"s":["a"],"q":3}`, err: errWakeVersion},
		{name: "no version", text: `{}`, err: errWakeVersion},
		{name: "too large", text: strings.Repeat(" ", maxWakeBytes+1), err: errWakeTooLarge},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, got, err := decodeWakeUp(c.text)
			require.ErrorIs(t, err, c.err)
			require.Equal(t, c.want, got)
		})
	}
	for _, garbage := range []string{"", "hello", `{"v":1`, `{"v":1,"q":[]}`, `{"v":1,"q":{"x":{"d":"soon"}}}`, `null1`} {
		_, got, err := decodeWakeUp(garbage)
		require.ErrorContains(t, err, "thrift: read a wake-up", garbage)
		require.Nil(t, got)
	}
}

// Whatever is understood means the same when it is sent on.
func FuzzDecodeWakeUp(f *testing.F) {
	f.Add(`{"v":1,"s":"me","q":{"email":{"j":true},"sms":{"d":1800000000,"g":true,"p":2}}}`)
	f.Add(`{"v":2}`)
	f.Add(`{"v":1,"q":{"":{"d":-1,"p":3}}}`)
	f.Fuzz(func(t *testing.T, text string) {
		sender, w, err := decodeWakeUp(text)
		if err != nil {
			require.Nil(t, w)
			return
		}
		again := wakeUp{}
		for _, message := range encodeWakeUp(sender, w) {
			from, part, err := decodeWakeUp(message)
			require.NoError(t, err)
			require.Equal(t, sender, from)
			for name, q := range part {
				again[name] = q
			}
		}
		for name, q := range again {
			require.Equal(t, w[name], q)
		}
		if len(text) < maxWakeBytes/8 { // escapes make a message up to six times as large
			require.Equal(t, w, again)
		}
	})
}
