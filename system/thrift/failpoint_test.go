package thrift_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/stretchr/testify/require"

	"tollgate/system/thrift"
)

// Every step of a job's life that has a failpoint passes it.
func TestFailpointsAreReached(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var mu sync.Mutex
		reached := map[thrift.Failpoint]bool{}
		cfg := thrift.Config{Level: thrift.Full, StatisticsInterval: time.Minute, Failpoint: func(step thrift.Failpoint) {
			mu.Lock()
			defer mu.Unlock()
			reached[step] = true
		}}
		m := meter(t, cfg, func(context.Context, *asynq.Task) error {
			<-time.After(30 * time.Millisecond)
			return nil
		})
		for i := range 300 { // more than there are workers: some are fetched ahead
			m.enqueue(i)
		}
		passes(150 * time.Millisecond)
		m.governor.Quiesce() // with jobs that were fetched and not started
		passes(time.Second)
		mu.Lock()
		require.True(t, reached[thrift.FailBeforeReturn], "jobs went back")
		require.True(t, reached[thrift.FailBeforeStart])
		require.True(t, reached[thrift.FailBeforeCommit])
		require.True(t, reached[thrift.FailAfterCommit])
		mu.Unlock()
		m.stop()
		require.True(t, reached[thrift.FailBeforeFlush])
	})
}
