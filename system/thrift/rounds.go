package thrift

// rounds follow asynq on its way through its queues, one look after the other. One look of a round may wait; when that is
// over, the others are answered at once, as asynq heeds a stop only between two rounds. Its governor's mutex guards it.
type rounds struct {
	waits  uint64            // how many are over
	looked map[string]uint64 // waits at the last look at a key: bounded by the queues
}

func newRounds() rounds { return rounds{looked: map[string]uint64{}} }

// mayWait says whether a look at a key may wait: when it is not the first one since the last wait.
func (r *rounds) mayWait(key string) bool {
	may := r.looked[key] == r.waits
	r.looked[key] = r.waits
	return may
}

// waited notes that a wait is over.
func (r *rounds) waited() { r.waits++ }
