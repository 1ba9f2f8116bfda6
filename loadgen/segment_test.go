package loadgen_test

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tollgate/loadgen"
	"tollgate/loadgen/profiles"
)

func TestParseSegment(t *testing.T) {
	s, err := loadgen.ParseSegment("2/3")
	require.NoError(t, err)
	require.Equal(t, loadgen.Segment{Index: 2, Of: 3}, s)
	require.Equal(t, "2/3", s.String())
	for _, bad := range []string{"", "2", "0/3", "4/3", "-1/3", "1/0", "1/1001", "1/3/5", " 1/3", "1/99999", "a/b"} {
		_, err := loadgen.ParseSegment(bad)
		require.ErrorIs(t, err, loadgen.ErrSegment, bad)
	}
}

func FuzzParseSegment(f *testing.F) {
	for _, seed := range []string{"1/3", "3/3", "0/0", "01/2", "1/", "/1", "9999/9999"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := loadgen.ParseSegment(text)
		if err != nil {
			require.ErrorIs(t, err, loadgen.ErrSegment)
			return
		}
		require.NoError(t, s.Validate())
		again, err := loadgen.ParseSegment(s.String())
		require.NoError(t, err)
		require.Equal(t, s, again)
	})
}

// A random schedule, split over any number of machines: together they are the whole, in its order and at its times, no
// arrival is sent twice, and no machine has more than one arrival more than another, of any queue, route and kind and in all.
func TestSegmentsAreTheWholeAndNothingTwice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		of := rapid.IntRange(1, 12).Draw(t, "machines")
		kinds := rapid.SliceOfN(rapid.IntRange(0, 15), 0, 200).Draw(t, "kinds")
		whole := &loadgen.Schedule{Profile: "p", Seed: 7, Duration: time.Minute, Value: []byte(`"v"`)}
		for i, kind := range kinds {
			a := loadgen.Arrival{At: time.Duration(i/2) * time.Millisecond, User: "u-" + strconv.Itoa(i)}
			switch {
			case kind < 11:
				a.Kind, a.Queue = loadgen.KindJob, loadgen.Queues()[kind]
			case kind == 11:
				a.Kind, a.Key = loadgen.KindCacheRead, "k"
			case kind == 12:
				a.Kind, a.Key = loadgen.KindCacheDelete, "k"
			default:
				a.Kind, a.Route = loadgen.KindRequest, loadgen.Routes()[kind-13]
			}
			whole.Arrivals = append(whole.Arrivals, a)
		}
		sentBy := make(map[string]int, len(kinds)) // user -> machine
		least, most := map[string]int{}, map[string]int{}
		for index := 1; index <= of; index++ {
			part, err := whole.Segment(loadgen.Segment{Index: index, Of: of})
			require.NoError(t, err)
			require.Equal(t, whole.Value, part.Value)
			require.Equal(t, whole.Duration, part.Duration)
			counts, at := map[string]int{"all": 0}, 0
			for _, a := range whole.Arrivals {
				counts[string(a.Kind)+a.Label()] += 0
				if at < len(part.Arrivals) && part.Arrivals[at] == a { // the same in every field, and in the same order
					require.NotContains(t, sentBy, a.User)
					sentBy[a.User] = index
					counts[string(a.Kind)+a.Label()]++
					counts["all"]++
					at++
				}
			}
			require.Len(t, part.Arrivals, at, "arrivals that are not in the whole, or out of its order")
			for what, n := range counts {
				if index == 1 {
					least[what], most[what] = n, n
				}
				least[what], most[what] = min(least[what], n), max(most[what], n)
			}
		}
		require.Len(t, sentBy, len(whole.Arrivals))
		for what := range least {
			require.LessOrEqual(t, most[what]-least[what], 1, what)
		}
	})
}

// Each machine makes the schedule anew from the seed.
func TestSegmentsOfTheSameProfileFitTogether(t *testing.T) {
	var sum int
	seen := map[string]bool{}
	for index := 1; index <= 4; index++ {
		p, err := profiles.Load("phase", loadgen.Queues())
		require.NoError(t, err)
		whole, err := loadgen.NewSchedule(p)
		require.NoError(t, err)
		part, err := whole.Segment(loadgen.Segment{Index: index, Of: 4})
		require.NoError(t, err)
		sum += len(part.Arrivals)
		for _, a := range part.Arrivals {
			if a.Kind == loadgen.KindJob { // a queue meets a user once only
				key := fmt.Sprint(a.Queue, a.User)
				require.False(t, seen[key], key)
				seen[key] = true
			}
		}
		if index == 4 {
			require.Equal(t, len(whole.Arrivals), sum)
		}
	}
	require.Len(t, seen, 1000)
}

func TestNoSuchSegment(t *testing.T) {
	_, err := (&loadgen.Schedule{}).Segment(loadgen.Segment{Index: 3, Of: 2})
	require.ErrorIs(t, err, loadgen.ErrSegment)
}
