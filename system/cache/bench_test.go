package cache_test

import (
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/system/cache"
)

func BenchmarkNearHit(b *testing.B) {
	c, err := cache.New(lean(newMemStore()))
	require.NoError(b, err)
	defer c.Close()
	require.NoError(b, c.Set(b.Context(), "k", profile{"Ada", 36}, 0))
	b.ReportAllocs()
	for b.Loop() {
		var got profile
		if found, err := c.Get(b.Context(), "k", &got); !found || err != nil {
			b.Fatal(found, err)
		}
	}
}

// BenchmarkGatheredMiss reads a key that is never near from 1000 goroutines for each CPU, and reports the commands per read.
func BenchmarkGatheredMiss(b *testing.B) {
	store := newMemStore()
	cfg := lean(store)
	cfg.Near = nil
	c, err := cache.New(cfg)
	require.NoError(b, err)
	defer c.Close()
	var next atomic.Int64
	b.ReportAllocs()
	b.SetParallelism(1000)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			var got int
			if found, err := c.Get(b.Context(), fmt.Sprint("k", next.Add(1)), &got); found || err != nil {
				b.Error(found, err)
				return
			}
		}
	})
	b.ReportMetric(float64(len(store.commands()))/float64(b.N), "commands/op")
}
