package month

import (
	"context"
	"fmt"

	"tollgate/reports"
)

// Count lives through one task and says what it was billed.
func Count(ctx context.Context, task Task, simulate Simulator, progress *Display) (reports.Measurement, error) {
	line := progress.begin(task)
	o, err := simulate(ctx, task, line.update)
	if err != nil {
		return reports.Measurement{}, fmt.Errorf("%s: %w", task, err)
	}
	line.end(o)
	if o.Partial {
		return reports.Measurement{}, fmt.Errorf("%s: %w", task, ErrPartial)
	}
	return reports.Measurement{
		Value: float64(total(o.Account)), Unit: unitCount, Samples: total(o.Account), How: reports.Simulated,
		Note: fmt.Sprintf("%s of %s in virtual time, seed %d, every command counted", days(o.Simulated), task.Profile.Name, task.Profile.Seed),
	}, nil
}
