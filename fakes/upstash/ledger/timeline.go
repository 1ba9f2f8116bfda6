package ledger

import "time"

const (
	// MaxSecondSlots is how many seconds a Timeline has at most: ten minutes.
	MaxSecondSlots = 10 * 60
	// MaxMinuteSlots is how many minutes a Timeline has at most: a day.
	MaxMinuteSlots = 24 * 60
	// MaxColumns is how many components a Timeline tells apart: the first ones. What others do counts in the
	// column of Other, the first.
	MaxColumns = 64
)

// Timeline is what was billed slot by slot, a slot being a second or a minute.
type Timeline struct {
	// Step is how long a slot is.
	Step time.Duration `json:"step_ns"`
	// Components names the columns of Slot.Billed.
	Components []string `json:"components"`
	// Slots follow each other without gaps, oldest first, from the second of the first command or connection
	// or from as far back as is kept. The last one is not over yet.
	Slots []Slot `json:"slots"`
}

// Slot is one second or minute of a Timeline.
type Slot struct {
	// At is when it began.
	At time.Time `json:"at"`
	// Commands is what was sent and what scripts called, billed or not.
	Commands int64 `json:"commands"`
	// Billed is what was billed, by column. What is refunded is taken off.
	Billed []int64 `json:"billed"`
	// Open is the most TCP connections that were open at one time.
	Open int64 `json:"open"`
}

// timeline keeps the latest slots that anything happened in, each at the place that its number has in a circle.
type timeline struct {
	step  time.Duration
	slots []slot
	last  int64 // the highest number so far
}

type slot struct {
	number   int64 // of steps since the start, from 1; 0 means never used
	commands int64
	billed   []int64
	began    int64 // how many connections were open before its first event
	open     int64 // the most at one time
}

// touch is the slot of the moment that is since after the start, or nil if it is too long ago to be kept. open is how
// many connections are open.
func (t *timeline) touch(since time.Duration, open int64) *slot {
	number := int64(max(since, 0)/t.step) + 1
	s := &t.slots[number%int64(len(t.slots))]
	if number < s.number {
		return nil
	}
	if number > s.number {
		*s = slot{number: number, billed: s.billed[:0], began: open, open: open}
		t.last = max(t.last, number)
	}
	return s
}

// add books commands, and what was billed for them in a column.
func (s *slot) add(commands, billed int64, column int) {
	s.commands += commands
	if billed == 0 {
		return
	}
	for len(s.billed) <= column {
		s.billed = append(s.billed, 0)
	}
	s.billed[column] += billed
}

// copy lists the slots up to now. open is how many connections are open.
func (t *timeline) copy(start, now time.Time, components []string, open int64) Timeline {
	end := max(t.last, int64(now.Sub(start)/t.step)+1)
	first := max(1, end-int64(len(t.slots))+1)
	slots, width := make([]Slot, end-first+1), len(components)
	billed := make([]int64, len(slots)*width) // of all slots, so that the ledger waits for one allocation only
	for number := end; number >= first; number-- {
		next := Slot{At: start.Add(time.Duration(number-1) * t.step), Billed: billed[:width:width], Open: open}
		billed = billed[width:]
		if s := t.slots[number%int64(len(t.slots))]; s.number == number {
			next.Commands, next.Open = s.commands, s.open
			copy(next.Billed, s.billed)
			open = s.began
		}
		slots[number-first] = next
	}
	return Timeline{Step: t.step, Components: components, Slots: slots}
}
