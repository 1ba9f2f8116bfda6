package loadgen

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
)

// MaxSegments is the largest number of machines that a run can be split over.
const MaxSegments = 1000

// ErrSegment is wrapped by errors about a part of a run that does not exist.
var ErrSegment = errors.New("loadgen: no such segment")

// Segment is the part of a run that one of several machines sends. The zero value is a whole run.
type Segment struct {
	Index int // from 1 to Of
	Of    int
}

var segmentPattern = regexp.MustCompile(`^([0-9]{1,4})/([0-9]{1,4})$`)

// ParseSegment reads "2/3", the second of three. The error wraps [ErrSegment].
func ParseSegment(text string) (Segment, error) {
	m := segmentPattern.FindStringSubmatch(text)
	if m == nil {
		return Segment{}, fmt.Errorf("%w: %q; write it like 2/3, the second of three", ErrSegment, text)
	}
	index, _ := strconv.Atoi(m[1]) // of four digits at most
	of, _ := strconv.Atoi(m[2])
	s := Segment{Index: index, Of: of}
	return s, s.Validate()
}

// Validate returns an error that wraps [ErrSegment] where there is no such part.
func (s Segment) Validate() error {
	if s.Index < 1 || s.Index > s.Of || s.Of > MaxSegments {
		return fmt.Errorf("%w: %d of %d; they count from 1 to the number of machines, which is %d at most", ErrSegment, s.Index, s.Of, MaxSegments)
	}
	return nil
}

// String is the form that [ParseSegment] reads.
func (s Segment) String() string { return fmt.Sprintf("%d/%d", s.Index, s.Of) }

// Segment is the part of the schedule that machine part.Index of part.Of sends, at the times of the whole. The parts of
// all machines together are the schedule, and no arrival is in two of them. Each queue, each route and each other kind is
// dealt out in turn, and the next one begins where the former ended: no machine has more than one arrival more than
// another, of each of them and in all.
func (s *Schedule) Segment(part Segment) (*Schedule, error) {
	if err := part.Validate(); err != nil {
		return nil, err
	}
	next := firstMachines(s.Arrivals, part.Of)
	out := *s
	out.Arrivals = make([]Arrival, 0, len(s.Arrivals)/part.Of+1)
	for i := range s.Arrivals {
		p := partOf(&s.Arrivals[i])
		if next[p] == part.Index-1 {
			out.Arrivals = append(out.Arrivals, s.Arrivals[i])
		}
		next[p] = (next[p] + 1) % part.Of
	}
	return &out, nil
}

// firstMachines says which machine, counted from 0, has the first arrival of each part.
func firstMachines(arrivals []Arrival, machines int) map[part]int {
	counts := make(map[part]int)
	for i := range arrivals {
		counts[partOf(&arrivals[i])]++
	}
	parts := make([]part, 0, len(counts))
	for p := range counts {
		parts = append(parts, p)
	}
	sortParts(parts)
	first, dealt := make(map[part]int, len(parts)), 0
	for _, p := range parts {
		first[p] = dealt % machines
		dealt += counts[p]
	}
	return first
}
