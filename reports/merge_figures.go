package reports

import (
	"fmt"
	"math"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// histogramSum is one histogram of the whole while it is added up.
type histogramSum struct {
	first Histogram               // of the first segment that has it
	sum   *hdrhistogram.Histogram // nil as long as it has no values
}

// add adds h, which has the same name and series.
func (s *histogramSum) add(h Histogram) error {
	if h.Unit != s.first.Unit {
		return fmt.Errorf("%w: histogram %s of %s is in %q, in %q before", ErrSegments, h.Name, h.Series, h.Unit, s.first.Unit)
	}
	if h.Count == 0 {
		return nil
	}
	decoded, err := h.Decode()
	if err != nil {
		return err
	}
	if s.sum == nil {
		s.sum = decoded
		return nil
	}
	if lost := s.sum.Merge(decoded); lost > 0 {
		return fmt.Errorf("%w: histogram %s of %s has %d values beyond the bounds of the others'", ErrSegments, h.Name, h.Series, lost)
	}
	return nil
}

// mergeHistograms adds the segments' histograms up by name and series, in the order in which they first appear.
func mergeHistograms(segments []Result) ([]Histogram, error) {
	type key struct{ name, series string }
	sums, order := map[key]*histogramSum{}, []key{}
	for _, s := range segments {
		for _, h := range s.Histograms {
			k := key{h.Name, h.Series}
			if sums[k] == nil {
				sums[k] = &histogramSum{first: h}
				order = append(order, k)
			}
			if err := sums[k].add(h); err != nil {
				return nil, fmt.Errorf("segment %d: %w", s.Segment.Index, err)
			}
		}
	}
	merged := make([]Histogram, 0, len(order))
	for _, k := range order {
		s := sums[k]
		whole := s.first // empty in all segments
		if s.sum != nil {
			var err error
			if whole, err = NewHistogram(k.name, k.series, s.first.Unit, s.sum); err != nil {
				return nil, err
			}
		}
		merged = append(merged, whole)
	}
	return merged, nil
}

// judgeWhole merges the measurement of each criterion and judges it. A criterion that all segments skipped stays skipped.
func judgeWhole(segments []Result, histograms []Histogram) []Judgement {
	set := Set{Scenario: segments[0].Scenario, Criteria: criteriaOf(segments[0])}
	measurements, skipped := map[string]Measurement{}, map[string]string{}
	for i, c := range set.Criteria {
		parts := make([]Judgement, len(segments))
		skips := 0
		for n, s := range segments {
			parts[n] = s.Judgements[i]
			if parts[n].Verdict == Skipped {
				skips++
			}
		}
		if skips == len(segments) {
			skipped[c.ID] = parts[0].Reason
			continue
		}
		measurements[c.MeasuredAs()] = mergeMeasurements(parts, histograms)
	}
	return Judge(set, measurements, skipped)
}

// mergeMeasurements makes the figure of the whole of those of the segments, in their order; or says in Missing why there is none.
func mergeMeasurements(parts []Judgement, histograms []Histogram) Measurement {
	whole := parts[0].Measurement
	whole.Samples, whole.Evidence, whole.Missing = 0, "", ""
	missing := func(format string, args ...any) Measurement {
		whole.Value, whole.Missing = 0, fmt.Sprintf(format, args...)
		return whole
	}
	weighted := 0.0
	for i, j := range parts {
		m := j.Measurement
		switch {
		case !j.valued():
			return missing("segment %d: %s", i+1, j.Reason)
		case m.Unit != whole.Unit || m.How != whole.How || m.Merge != whole.Merge:
			return missing("segment %d was measured in another way than segment 1 (%s in %s, not %s in %s)", i+1, m.How, m.Unit, whole.How, whole.Unit)
		}
		if m.Note != whole.Note {
			whole.Note = ""
		}
		whole.Samples += m.Samples
		weighted += m.Value * float64(m.Samples)
	}
	if value, ok := parts[0].Measurement.Percentile.read(parts, histograms); ok {
		whole.Value = value
		return whole
	}
	whole.Percentile = nil
	whole.Value = 0
	switch whole.Merge {
	case MergeSum:
		for _, j := range parts {
			whole.Value += j.Measurement.Value
		}
	case MergeMax:
		whole.Value = math.Inf(-1)
		for _, j := range parts {
			whole.Value = max(whole.Value, j.Measurement.Value)
		}
	case MergeMean:
		whole.Value = weighted / float64(whole.Samples)
	default:
		return missing("the figures of segments cannot be put together: it is neither a sum, a highest value nor a mean")
	}
	return whole
}

// read reads the percentile off the merged histogram. It is false where p is nil, where a segment's figure is no such percentile or
// where the histogram lacks values that the figures rest on.
func (p *Percentile) read(parts []Judgement, histograms []Histogram) (float64, bool) {
	if p == nil {
		return 0, false
	}
	samples := int64(0)
	for _, j := range parts {
		if of := j.Measurement.Percentile; of == nil || *of != *p {
			return 0, false
		}
		samples += j.Measurement.Samples
	}
	for _, h := range histograms {
		if h.Name != p.Histogram || h.Series != p.Series || h.Count != samples {
			continue
		}
		decoded, err := h.Decode()
		if err != nil {
			return 0, false
		}
		return float64(decoded.ValueAtPercentile(p.At)) * p.Scale, true
	}
	return 0, false
}
