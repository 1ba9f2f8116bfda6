package reports

import (
	"fmt"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Histogram is a distribution, kept whole.
type Histogram struct {
	// Name says what was timed, such as "request"; Series whose it is, such as a stage.
	Name   string `json:"name"`
	Series string `json:"series"`
	// Unit is the unit of the recorded values, such as "us" for microseconds.
	Unit string `json:"unit"`
	// Count is how many values there are.
	Count int64 `json:"count"`
	// HDR is the histogram in HdrHistogram's V2 compressed encoding, base64
	// (https://github.com/HdrHistogram/HdrHistogram); it is "" where Count is 0.
	HDR string `json:"hdr_v2,omitempty"`
}

// NewHistogram encodes h. The error is for one that cannot be encoded.
func NewHistogram(name, series, unit string, h *hdrhistogram.Histogram) (Histogram, error) {
	out := Histogram{Name: name, Series: series, Unit: unit, Count: h.TotalCount()}
	if out.Count == 0 {
		return out, nil
	}
	encoded, err := h.Encode(hdrhistogram.V2CompressedEncodingCookieBase)
	if err != nil {
		return Histogram{}, fmt.Errorf("encode histogram of %s of %s: %w", name, series, err)
	}
	out.HDR = string(encoded)
	return out, nil
}

// Decode returns the histogram, or an error that wraps [ErrInvalid]. It is not to be
// called where Count is 0.
func (h Histogram) Decode() (*hdrhistogram.Histogram, error) {
	decoded, err := hdrhistogram.Decode([]byte(h.HDR))
	if err != nil {
		return nil, fmt.Errorf("%w: histogram %s of %s: %w", ErrInvalid, h.Name, h.Series, err)
	}
	return decoded, nil
}

// flaw returns what is wrong with the histogram, or "".
func (h Histogram) flaw() string {
	if h.Count == 0 {
		if h.HDR != "" {
			return "it has values and a count of 0"
		}
		return ""
	}
	decoded, err := h.Decode()
	switch {
	case err != nil:
		return err.Error()
	case decoded.TotalCount() != h.Count:
		return fmt.Sprintf("it holds %d values and says %d", decoded.TotalCount(), h.Count)
	default:
		return ""
	}
}
