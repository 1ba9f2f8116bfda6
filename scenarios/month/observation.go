package month

import (
	"time"

	"tollgate/fakes/upstash/ledger"
	"tollgate/loadgen"
	"tollgate/system/cache"
	"tollgate/system/service"
)

// Observation is what was seen of a task.
type Observation struct {
	Task Task `json:"task"`
	// Simulated is how much of the task's length was lived through, Took how long that took.
	Simulated time.Duration `json:"simulated_ns"`
	Took      time.Duration `json:"took_ns"`
	// Partial is set when the task was stopped before its end.
	Partial bool `json:"partial"`

	// Account is the ledger's of the counted time; Callees has which commands each script called, from the start of the service.
	Account ledger.Snapshot             `json:"account"`
	Callees map[string]map[string]int64 `json:"callees"`
	Course  Course                      `json:"course"`

	Summary loadgen.Summary  `json:"summary"`
	Jobs    loadgen.Outcomes `json:"jobs"`
	Cache   cache.Stats      `json:"cache"`
	// Errors are the connection errors that the service's clients counted, ErrorsByHour those of each hour.
	Errors       service.ConnectionErrors `json:"errors"`
	ErrorsByHour []int64                  `json:"errors_by_hour"`
	// Injected is how many provider calls were made to fail, Reasonless how many jobs were given up without a reason.
	Injected   int64 `json:"injected"`
	Reasonless int64 `json:"reasonless"`
	// Undrained says which jobs had not ended some time after the last minute; "" when all had.
	Undrained string `json:"undrained,omitempty"`
	// Failed are troubles of the calendar that could not be brought about.
	Failed []string `json:"failed,omitempty"`
}

// Progress is where a simulation has come to.
type Progress struct {
	Simulated time.Duration `json:"simulated_ns"`
	Length    time.Duration `json:"length_ns"`
	Billed    int64         `json:"billed"`
}
