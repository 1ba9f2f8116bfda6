package loadgen

import (
	"fmt"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Bounds and resolution of all histograms, in microseconds.
const (
	histogramLowest  = 1
	histogramHighest = int64(time.Minute / time.Microsecond)
	histogramDigits  = 3
)

// Latency is what is kept of a histogram: its percentiles, and the histogram
// itself for reports that draw or compare it. All are 0 and Histogram is empty
// where Count is 0: nothing was measured, which is not the same as fast.
type Latency struct {
	Count int64         `json:"count"`
	Min   time.Duration `json:"min_ns"`
	Mean  time.Duration `json:"mean_ns"`
	P50   time.Duration `json:"p50_ns"`
	P90   time.Duration `json:"p90_ns"`
	P95   time.Duration `json:"p95_ns"`
	P99   time.Duration `json:"p99_ns"`
	P999  time.Duration `json:"p999_ns"`
	Max   time.Duration `json:"max_ns"`
	// Histogram is the HDR histogram of microseconds in the V2 compressed
	// encoding, base64.
	Histogram string `json:"histogram,omitempty"`
}

// Decode returns the histogram of microseconds; an empty one where Count is 0.
func (l Latency) Decode() (*hdrhistogram.Histogram, error) {
	if l.Count == 0 {
		return newHistogram(), nil
	}
	h, err := hdrhistogram.Decode([]byte(l.Histogram))
	if err != nil {
		return nil, fmt.Errorf("loadgen: decode latency histogram: %w", err)
	}
	return h, nil
}

// MergeLatencies puts measurements together exactly, from their histograms.
func MergeLatencies(all ...Latency) (Latency, error) {
	sum := newHistogram()
	for _, l := range all {
		h, err := l.Decode()
		if err != nil {
			return Latency{}, err
		}
		sum.Merge(h)
	}
	return LatencyOf(sum)
}

func newHistogram() *hdrhistogram.Histogram {
	return hdrhistogram.New(histogramLowest, histogramHighest, histogramDigits)
}

// observe records d; what lies outside the bounds is recorded as the bound.
func observe(h *hdrhistogram.Histogram, d time.Duration) {
	us := min(max(d.Microseconds(), 0), histogramHighest)
	if err := h.RecordValue(us); err != nil {
		panic(fmt.Sprintf("loadgen: histogram refuses %d µs within its bounds: %v", us, err))
	}
}

// LatencyOf summarises a histogram of microseconds. The error is for one that cannot be encoded.
func LatencyOf(h *hdrhistogram.Histogram) (Latency, error) {
	if h.TotalCount() == 0 {
		return Latency{}, nil
	}
	encoded, err := h.Encode(hdrhistogram.V2CompressedEncodingCookieBase)
	if err != nil {
		return Latency{}, fmt.Errorf("loadgen: encode latency histogram: %w", err)
	}
	at := h.ValueAtPercentilesSlice([]float64{50, 90, 95, 99, 99.9})
	us := func(v int64) time.Duration { return time.Duration(v) * time.Microsecond }
	return Latency{
		Count: h.TotalCount(), Min: us(h.Min()), Mean: time.Duration(h.Mean() * float64(time.Microsecond)),
		P50: us(at[0]), P90: us(at[1]), P95: us(at[2]), P99: us(at[3]), P999: us(at[4]), Max: us(h.Max()),
		Histogram: string(encoded),
	}, nil
}
