package reports

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// ErrSegments is wrapped by errors about results that are not the segments of one run.
var ErrSegments = errors.New("not the segments of one run")

// MergeSegments puts the results of a run that was split over several machines together, in any order. All segments, from
// 1 to how many there are, must be there, each once, and of the same run: the same scenario, stages, profile, seed, clock, inputs,
// criteria and commit. The error wraps [ErrSegments] and names everything that is wrong.
//
// Histograms are added up exactly, measurements by their Percentile or Merge, and the criteria judged anew. A
// measurement that cannot be merged, or that one segment has no data for, is NO DATA with the reason. The whole began
// with the first segment, ended with the last and is partial if one is. The tables and charts of the segments stay in
// their own results; the whole has a table of what each segment measured.
func MergeSegments(results []Result) (Result, error) {
	segments, err := inOrder(results)
	if err != nil {
		return Result{}, err
	}
	if err := sameRun(segments); err != nil {
		return Result{}, err
	}
	first := segments[0]
	whole := Result{
		SchemaVersion: SchemaVersion,
		Scenario:      first.Scenario, Title: first.Title, Stage: first.Stage, Baseline: first.Baseline, Profile: first.Profile,
		Seed: first.Seed, Clock: first.Clock, Started: first.Started, Finished: first.Finished, Inputs: first.Inputs, Build: first.Build,
	}
	for _, s := range segments {
		if s.Started.Before(whole.Started) {
			whole.Started = s.Started
		}
		if s.Finished.After(whole.Finished) {
			whole.Finished = s.Finished
		}
		whole.Partial = whole.Partial || s.Partial
		for _, note := range s.Notes {
			if !slices.Contains(whole.Notes, note) {
				whole.Notes = append(whole.Notes, note)
			}
		}
	}
	whole.Notes = append(whole.Notes, fmt.Sprintf("Put together from %d segments, each sent by a machine of its own; "+
		"the build and the machine named here are those of segment 1.", len(segments)))
	if whole.Histograms, err = mergeHistograms(segments); err != nil {
		return Result{}, err
	}
	whole.Judgements = judgeWhole(segments, whole.Histograms)
	whole.Tables = []Table{segmentTable(segments)}
	whole.Decision = Decide(whole.Judgements, whole.Partial)
	return whole, nil
}

// inOrder returns the segments from the first to the last, or what is missing or there twice.
func inOrder(results []Result) ([]Result, error) {
	if len(results) == 0 {
		return nil, fmt.Errorf("%w: there is none", ErrSegments)
	}
	of := 0
	for i, r := range results {
		switch {
		case r.Segment == nil:
			return nil, fmt.Errorf("%w: result %d (%s) is a whole run, no segment", ErrSegments, i+1, r.Scenario)
		case of == 0:
			of = r.Segment.Of
		case r.Segment.Of != of:
			return nil, fmt.Errorf("%w: segment %d is one of %d, others are of %d", ErrSegments, r.Segment.Index, r.Segment.Of, of)
		}
	}
	times := make(map[int]int, len(results))
	for _, r := range results {
		if r.Segment.Index < 1 || r.Segment.Index > of {
			return nil, fmt.Errorf("%w: there is no segment %d of %d", ErrSegments, r.Segment.Index, of)
		}
		times[r.Segment.Index]++
	}
	var missing, doubled []string
	for index := 1; index <= of && len(missing) < maxListed; index++ {
		switch n := times[index]; {
		case n == 0:
			missing = append(missing, strconv.Itoa(index))
		case n > 1:
			doubled = append(doubled, strconv.Itoa(index))
		}
	}
	var wrong []string
	if len(missing) > 0 {
		wrong = append(wrong, "missing are "+strings.Join(missing, ", "))
	}
	if len(doubled) > 0 {
		wrong = append(wrong, "given more than once are "+strings.Join(doubled, ", "))
	}
	if len(wrong) > 0 {
		return nil, fmt.Errorf("%w: of %d segments %s", ErrSegments, of, strings.Join(wrong, "; "))
	}
	ordered := slices.Clone(results)
	slices.SortFunc(ordered, func(a, b Result) int { return a.Segment.Index - b.Segment.Index })
	return ordered, nil
}

// maxListed bounds the missing segments that an error names.
const maxListed = 20

// sameRun compares every segment with the first.
func sameRun(segments []Result) error {
	first := segments[0]
	var wrong []error
	for _, s := range segments[1:] {
		for _, same := range []struct {
			what      string
			want, got any
		}{
			{"scenario", first.Scenario, s.Scenario},
			{"stage", first.Stage, s.Stage},
			{"baseline", first.Baseline, s.Baseline},
			{"profile", first.Profile, s.Profile},
			{"seed", first.Seed, s.Seed},
			{"clock", first.Clock, s.Clock},
			{"commit", first.Build.Commit, s.Build.Commit},
			{"uncommitted changes", first.Build.Dirty, s.Build.Dirty},
		} {
			if same.want != same.got {
				wrong = append(wrong, fmt.Errorf("%w: segment %d has %s %v, segment 1 has %v", ErrSegments, s.Segment.Index, same.what, same.got, same.want))
			}
		}
		if !slices.Equal(first.Inputs, s.Inputs) {
			wrong = append(wrong, fmt.Errorf("%w: segment %d has %s, segment 1 has %s", ErrSegments, s.Segment.Index, inputsText(s.Inputs), inputsText(first.Inputs)))
		}
		if !reflect.DeepEqual(criteriaOf(first), criteriaOf(s)) {
			wrong = append(wrong, fmt.Errorf("%w: segment %d was judged by other criteria than segment 1", ErrSegments, s.Segment.Index))
		}
	}
	return errors.Join(wrong...)
}

// inputsText names inputs with the beginning of their digests.
func inputsText(inputs []Input) string {
	texts := make([]string, len(inputs))
	for i, in := range inputs {
		texts[i] = fmt.Sprintf("%s %s (%.12s)", in.Kind, in.Name, in.SHA256)
	}
	if len(texts) == 0 {
		return "no inputs"
	}
	return strings.Join(texts, ", ")
}

func criteriaOf(r Result) []Criterion {
	criteria := make([]Criterion, len(r.Judgements))
	for i, j := range r.Judgements {
		criteria[i] = j.Criterion
	}
	return criteria
}

// segmentTable has a row for each segment with what it measured.
func segmentTable(segments []Result) Table {
	right := func(name string) Column { return Column{Name: name, Align: AlignRight} }
	t := Table{
		Title: "Segments", Note: "What each machine measured; its tables are in its own result.",
		Columns: []Column{right("Segment"), {Name: "Started"}, right("Took")},
	}
	for _, j := range segments[0].Judgements {
		t.Columns = append(t.Columns, right(j.Text))
	}
	for _, s := range segments {
		row := []string{strconv.Itoa(s.Segment.Index), s.Started.UTC().Format("2006-01-02 15:04:05.000"), duration(s.took())}
		for _, j := range s.Judgements {
			row = append(row, j.ValueText())
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}
