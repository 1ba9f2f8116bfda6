package queue

import (
	"sync"
	"time"
)

// inFlight counts running processors. asynq leaves one alone when its time is up, so that it can outlive the server.
type inFlight struct {
	mu   sync.Mutex
	n    int
	idle chan struct{} // closed when n falls to 0; nil while nobody waits
}

func (i *inFlight) add() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.n++
}

func (i *inFlight) done() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.n--
	if i.n == 0 && i.idle != nil {
		close(i.idle)
		i.idle = nil
	}
}

func (i *inFlight) count() int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.n
}

// wait waits until none runs, for limit at most, and returns how many still do. It has one caller.
func (i *inFlight) wait(limit time.Duration) int {
	i.mu.Lock()
	if i.n == 0 {
		i.mu.Unlock()
		return 0
	}
	idle := make(chan struct{})
	i.idle = idle
	i.mu.Unlock()
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-idle:
	case <-timer.C:
	}
	return i.count()
}
