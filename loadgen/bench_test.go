package loadgen_test

import (
	"testing"

	"tollgate/loadgen"
	"tollgate/loadgen/profiles"
)

func BenchmarkNewSchedule(b *testing.B) {
	for _, name := range profiles.Names() {
		p, err := profiles.Load(name, loadgen.Queues())
		if err != nil {
			b.Fatal(err)
		}
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := loadgen.NewSchedule(p); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(p.ArrivalCount()), "ns/arrival")
		})
	}
}

// BenchmarkRunner sends arrivals that are all due at once to a target that
// answers at once: what is left is the runner's own cost.
func BenchmarkRunner(b *testing.B) {
	s := requests(b.N, 0)
	runner, err := loadgen.NewRunner(loadgen.Config{Schedule: s, Target: &instant{}, MaxInFlight: 1 << 20})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.ResetTimer()
	if _, err := runner.Run(b.Context()); err != nil {
		b.Fatal(err)
	}
}
