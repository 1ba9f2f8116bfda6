package queue

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
)

// MaxSchedulesBytes is the largest file that ReadSchedules reads: 1 MiB.
const MaxSchedulesBytes = 1 << 20

// ErrSchedules means that a file is no list of schedules.
var ErrSchedules = errors.New("queue: bad file of schedules")

// ReadSchedules reads a JSON array of objects with queue, spec and payload, all required:
//
//	[{"queue": "token-refresh", "spec": "37 * * * *", "payload": {"user": "u-1"}}]
//
// What is wrong with the content is ErrSchedules.
func ReadSchedules(path string) ([]Schedule, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("queue: %w", err)
	}
	defer f.Close() //nolint:errcheck // read only
	data, err := io.ReadAll(io.LimitReader(f, MaxSchedulesBytes+1))
	if err != nil {
		return nil, fmt.Errorf("queue: %w", err)
	}
	schedules, err := parseSchedules(data)
	if err != nil {
		return nil, fmt.Errorf("%w %s: %w", ErrSchedules, path, err)
	}
	return schedules, nil
}

func parseSchedules(data []byte) ([]Schedule, error) {
	if len(data) > MaxSchedulesBytes {
		return nil, fmt.Errorf("it has more than %d bytes", MaxSchedulesBytes)
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	var schedules []Schedule
	if err := decoder.Decode(&schedules); err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows the array")
	}
	var problems []error
	for i, s := range schedules {
		if err := s.validate(); err != nil {
			problems = append(problems, fmt.Errorf("%d: %w", i+1, err))
		}
	}
	return schedules, errors.Join(problems...)
}
