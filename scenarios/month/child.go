package month

import (
	"context"
	"encoding/json"
	"runtime"

	"tollgate/scenarios/bubble"
)

// ChildArgument is the only argument of a program that has to call Child.
const ChildArgument = "child-of-month"

// InChild is a Simulator that runs this program again.
func InChild(ctx context.Context, task Task, progress func(Progress)) (Observation, error) {
	var o Observation
	err := bubble.Call(ctx, ChildArgument, task, &o, func(data json.RawMessage) {
		var p Progress
		if progress != nil && json.Unmarshal(data, &p) == nil {
			progress(p)
		}
	})
	return o, err
}

// InProcess is a Simulator on the real clock, in this process. It has no progress to tell.
func InProcess(ctx context.Context, task Task, _ func(Progress)) (Observation, error) {
	return Live(ctx, task)
}

// Child answers InChild and ends the program. It runs Go code on one core: in a bubble, goroutines wait for each other nearly all
// the time, and waking another core for each takes twice as long as going on with the next on the same. The other cores are for
// other children.
func Child() {
	runtime.GOMAXPROCS(1)
	bubble.Serve(Simulate)
}
