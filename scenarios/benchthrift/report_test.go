package benchthrift

import (
	"bytes"
	"encoding/json"
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestVerdict(t *testing.T) {
	most := Row{Reach: atMost(9), Goal: atMost(6)}
	least := Row{Reach: atLeast(500)}
	for _, test := range []struct {
		row   Row
		value float64
		want  string
	}{
		{most, 6, "goal"},
		{most, 6.01, "reached"},
		{most, 9, "reached"},
		{most, 9.01, "missed"},
		{least, 500, "reached"},
		{least, 499.9, "missed"},
		{Row{}, 1, ""},
	} {
		test.row.put(Variant{Name: "full", Level: "full"}, Figure{Value: test.value})
		require.Equal(t, test.want, test.row.Figures["full"].Verdict, "%v", test.value)
		test.row.put(Variant{Name: "shared"}, Figure{Value: test.value})
		require.Empty(t, test.row.Figures["shared"].Verdict, "plain asynq has no targets")
	}
}

func TestNumber(t *testing.T) {
	for value, want := range map[float64]string{
		0: "0", 3: "3", 0.0123: "0.012", 18.0123: "18.01", 119_123_456.4: "119,123,456", 1000: "1,000", 999.6: "1,000", 123.4: "123",
		-1234: "-1,234",
	} {
		require.Equal(t, want, number(value))
	}
}

func TestQuantile(t *testing.T) {
	all := latencies{5, 1, 4, 2, 3}
	require.EqualValues(t, 3, all.quantile(0.5))
	require.EqualValues(t, 5, all.quantile(0.99))
	require.EqualValues(t, 1, all.quantile(0))
	hundred := make(latencies, 100)
	for i := range hundred {
		hundred[i] = time.Duration(i + 1)
	}
	require.EqualValues(t, 50, hundred.quantile(0.5))
	require.EqualValues(t, 99, hundred.quantile(0.99))
}

func TestReport(t *testing.T) {
	row := Row{Section: "rest", What: "billed a month", Counted: byFake, Unit: "1", Reach: atMost(15_000), Goal: atMost(9_000)}
	row.put(Variant{Name: "shared"}, Figure{Value: 119e6})
	row.put(Variant{Name: "full", Level: "full"}, Figure{Value: 8_000})
	r := Report{Go: "go1", CPUs: 2, Took: 3, Variants: []string{"shared", "quiet", "full"}, Rows: []Row{row}, Notes: []string{"a note"}}

	var table bytes.Buffer
	require.NoError(t, r.WriteTable(&table))
	require.Equal(t, `thrift beside plain asynq, 11 queues; go1, 2 CPUs, took 3 s

REST                on    shared       quiet  full        reach      goal
billed a month [1]  fake  119,000,000  .      8,000 goal  <= 15,000  <= 9,000

- a note
`, table.String())

	var text bytes.Buffer
	require.NoError(t, r.WriteJSON(&text))
	var back Report
	require.NoError(t, json.Unmarshal(text.Bytes(), &back))
	require.Equal(t, r, back)
}

func TestOptionsAreChecked(t *testing.T) {
	_, err := Measure(t.Context(), Options{Sections: []string{"rest", "nonsense"}, Progress: io.Discard})
	require.ErrorIs(t, err, ErrOptions)
	for _, part := range []string{
		`no section is called "nonsense"`, "month is 0", "plain rest is 0", "jobs is 0", "throughput is 0",
		"rounds is 0", "distance is 0", "rtt is 0", "samples is 0", "cpu window is 0",
	} {
		require.ErrorContains(t, err, part)
	}
}

func TestEverySectionHasNotes(t *testing.T) {
	s := &suite{}
	for _, name := range Sections() {
		require.NotEmpty(t, s.notes(name), name)
	}
}
