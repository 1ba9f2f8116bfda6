package providers

import (
	"maps"
	"sync"
)

// Count is what became of one endpoint's calls.
type Count struct {
	// Served calls were answered with a 2xx; Failed ones were not.
	Served int64 `json:"served"`
	Failed int64 `json:"failed"`
	// Injected are the Failed calls that the plan's shares of 429, 500 and timeouts fell on; Slow are those answered late.
	Injected int64 `json:"injected"`
	Slow     int64 `json:"slow"`
	// ByStatus counts by HTTP status; 0 stands for calls that got no answer.
	ByStatus map[int]int64 `json:"by_status"`
}

// counts keeps a Count for each endpoint: a fixed, small number of them.
type counts struct {
	mu sync.Mutex
	of map[string]*Count
}

func (c *counts) record(endpoint string, status int, drawn fate) {
	c.mu.Lock()
	defer c.mu.Unlock()
	count := c.of[endpoint]
	if count == nil {
		count = &Count{ByStatus: map[int]int64{}}
		c.of[endpoint] = count
	}
	count.ByStatus[status]++
	if status >= 200 && status <= 299 {
		count.Served++
	} else {
		count.Failed++
	}
	switch drawn {
	case fateRateLimited, fateServerError, fateTimeout:
		count.Injected++
	case fateSlow:
		count.Slow++
	}
}

func (c *counts) snapshot() map[string]Count {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := make(map[string]Count, len(c.of))
	for endpoint, count := range c.of {
		copied := *count
		copied.ByStatus = maps.Clone(count.ByStatus)
		out[endpoint] = copied
	}
	return out
}
