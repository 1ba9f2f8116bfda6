package faults_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/fakes/upstash/faults"
)

func TestParseSpec(t *testing.T) {
	half := 0.5
	for spec, want := range map[string]faults.Fault{
		"loading": {Kind: faults.Loading},
		"latency,name=slow,delay=200ms,jitter=50ms": {
			Kind: faults.Latency, Name: "slow", Delay: 200 * time.Millisecond, Jitter: 50 * time.Millisecond,
		},
		"latency , delay=1.5ms,transport=REST, component=cache": {
			Kind: faults.Latency, Delay: 1500 * time.Microsecond, Transport: "rest", Component: "cache",
		},
		"error,text=ERR one,, two,,,command=evalsha,probability=0.5,count=3": {
			Kind: faults.Error, Text: "ERR one, two,", Command: "EVALSHA", Probability: &half, Count: 3,
		},
		"status,code=503,retry-after=2s,json=true,after=12h,for=1h,door=REST": {
			Kind: faults.Status, Code: 503, RetryAfter: 2 * time.Second, JSON: true, After: 12 * time.Hour, For: time.Hour, Door: "rest",
		},
		"failover,every=24h,downtime=5s": {Kind: faults.Failover, Every: 24 * time.Hour, Downtime: 5 * time.Second},
		"clock-jump,by=-1h":              {Kind: faults.ClockJump, By: -time.Hour},
		"reset,bytes=10,transport=tcp":   {Kind: faults.Reset, Bytes: 10, Transport: "tcp"},
		"bandwidth,rate=100,direction=up": {
			Kind: faults.Bandwidth, Rate: 100, Direction: faults.Up,
		},
		"error,text=a=b,command=SCRIPT":           {Kind: faults.Error, Text: "a=b", Command: "SCRIPT"},
		"error,text=x,command=script load":        {Kind: faults.Error, Text: "x", Command: "SCRIPT LOAD"},
		"lost-answer,command=INCR,transport=rest": {Kind: faults.LostAnswer, Command: "INCR", Transport: "rest"},
	} {
		t.Run(spec, func(t *testing.T) {
			f, err := faults.ParseSpec(spec)
			require.NoError(t, err)
			require.Equal(t, want, f)
			again, err := faults.ParseSpec(f.String())
			require.NoError(t, err)
			require.Equal(t, f, again)

			text, err := json.Marshal(f)
			require.NoError(t, err)
			var back faults.Fault
			require.NoError(t, json.Unmarshal(text, &back))
			require.Equal(t, f, back)
		})
	}
}

// Each error names the field.
func TestInvalidFaults(t *testing.T) {
	for spec, want := range map[string]string{
		"":                                    "the spec is empty",
		"earthquake":                          `kind is "earthquake": choose one of bandwidth, clock-jump,`,
		"latency":                             "delay is not set: a fault of kind latency needs it",
		"latency,delay":                       `"delay": give field=value`,
		"latency,delay=soon":                  `delay is "soon": give a duration`,
		"latency,delay=-1s":                   "delay is -1s: it cannot be negative",
		"latency,delay=1s,delay=2s":           `"delay" is given twice`,
		"latency,delay=1s,kind=reset":         `"kind" is given twice`,
		"latency,delay=1s,jitter=2s":          "jitter is 2s: it cannot exceed delay (1s)",
		"latency,delay=1500us":                "delay is 1.5ms: over TCP it counts in milliseconds",
		"latency,delay=2ms,jitter=1500us":     "jitter is 1.5ms: over TCP it counts in milliseconds",
		"latency,delay=1s,direction=sideways": `direction is "sideways"`,
		"latency,delay=1s,direction=up,transport=rest": "direction: only TCP connections have one",
		"latency,delay=1s,rate=5":                      "rate: a fault of kind latency takes none",
		"latency,delay=1s,colour=red":                  `"colour": there is no such field; a fault has kind, name,`,
		"latency,delay=1s,probability=1.1":             "probability is 1.1: give 0 (never) to 1",
		"latency,delay=1s,probability=NaN":             "probability is NaN",
		"latency,delay=1s,probability=often":           `probability is "often": give a number`,
		"latency,delay=1s,count=-1":                    "count is -1: it cannot be negative",
		"latency,delay=1s,count=many":                  `count is "many": give a whole number`,
		"latency,delay=1s,after=-1s":                   "after is -1s",
		"latency,delay=1s,for=-1s":                     "for is -1s",
		"latency,delay=1s,transport=pigeon":            `transport is "pigeon": give tcp or rest`,
		"latency,delay=1s,door=back":                   `door is "back": give resp, tls or rest`,
		"latency,delay=1s,door=tls,transport=rest":     "door is tls: it is not of transport rest",
		"latency,delay=1s,command=GET":                 "command: a connection has none; add transport=rest",
		"latency,delay=1s,command=G,transport=rest":    `command is "G": Upstash has none of that name`,
		"half-open,door=rest":                          "door: there is no half-open over rest",
		"half-open,transport=rest":                     "transport: there is no half-open over rest",
		"status,code=503,transport=tcp":                "transport: there is no status over tcp",
		"status,code=200":                              "code is 200: give 400 to 599",
		"status,code=500,retry-after=1s":               "retry-after: status 500 has none",
		"status,code=503,json=maybe":                   `json is "maybe": give true or false`,
		"bandwidth,rate=-1":                            "rate is -1: it cannot be negative",
		"bandwidth,rate=0":                             "rate is not set",
		"reset,bytes=1":                                "bytes: only TCP connections are reset in the middle",
		"refuse,text=no":                               "text: only RESP clients are told",
		"refuse,component=cache":                       "component: a fault of kind refuse takes none",
		"failover,probability=0.5":                     "probability: a fault of kind failover takes none",
		"failover,for=1h":                              "for: a failover is done at once",
		"failover,every=1s,downtime=1s":                "downtime is 1s: it must be shorter than every (1s)",
		"clock-jump":                                   "by is not set",
		"error":                                        "text is not set",
		"error,text=a\nb":                              "text has a line break",
		"error,text=" + strings.Repeat("x", 5000):      "text has 5000 bytes: 4096 are allowed",
		strings.Repeat("x", 70_000):                    "the spec has 70000 bytes",
	} {
		_, err := faults.ParseSpec(spec)
		require.ErrorIs(t, err, faults.ErrInvalid, "%.60s", spec)
		require.ErrorContains(t, err, want, "%.60s", spec)
	}
}

func TestInvalidJSON(t *testing.T) {
	for text, want := range map[string]string{
		`[]`:                                  "not a JSON object",
		`"loading"`:                           "not a JSON object",
		`{"kind":"loading","kind":"loading"}`: `"kind" is given twice`,
		`{"kind":["loading"]}`:                `"kind": give a string, a number or a boolean`,
		`{"kind":"status","code":null}`:       `"code": give a string`,
		`{"kind":"status","code":"x"}`:        `code is "x"`,
		`{"kind":"status","colour":1}`:        `"colour": there is no such field`,
	} {
		var f faults.Fault
		err := json.Unmarshal([]byte(text), &f)
		require.ErrorIs(t, err, faults.ErrInvalid, text)
		require.ErrorContains(t, err, want, text)
	}
	var f faults.Fault
	require.NoError(t, json.Unmarshal([]byte(`{"kind":"status","code":503,"json":true,"probability":0.25,"for":"1h"}`), &f))
	quarter := 0.25
	require.Equal(t, faults.Fault{Kind: faults.Status, Code: 503, JSON: true, Probability: &quarter, For: time.Hour}, f)
}

// Each kind can be had, so the table of kinds has no line that validation forbids.
func TestEveryKind(t *testing.T) {
	needs := map[faults.Kind]string{
		faults.Latency: ",delay=1ms", faults.Bandwidth: ",rate=1", faults.SlowBody: ",rate=1", faults.Status: ",code=500",
		faults.Error: ",text=ERR x", faults.ClockJump: ",by=1s",
	}
	require.Len(t, faults.Kinds(), 16)
	for _, kind := range faults.Kinds() {
		_, err := faults.ParseSpec(string(kind) + needs[kind] + ",name=x,after=1s")
		require.NoError(t, err)
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"latency,name=slow,delay=200ms,jitter=50ms", "error,text=a,,b", "failover,every=1h", "", ",", "latency,delay=1ms,probability=1e-3",
		`{"kind":"status","code":503,"json":true}`, `{"kind":`, `{"a":{"b":1}}`, "reset,bytes=9223372036854775808",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if fault, err := faults.ParseSpec(text); err != nil {
			require.ErrorIs(t, err, faults.ErrInvalid)
		} else {
			again, err := faults.ParseSpec(fault.String())
			require.NoError(t, err, "%q from %q", fault.String(), text)
			require.Equal(t, fault, again)
		}
		var fault faults.Fault
		if err := fault.UnmarshalJSON([]byte(text)); err != nil {
			require.ErrorIs(t, err, faults.ErrInvalid)
		} else if fault.Validate() == nil {
			encoded, err := json.Marshal(fault)
			require.NoError(t, err)
			var again faults.Fault
			require.NoError(t, json.Unmarshal(encoded, &again))
			require.Equal(t, fault, again)
		}
	})
}
