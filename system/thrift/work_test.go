package thrift_test

import (
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"tollgate/system/thrift"
)

func TestWorkIsToldOnceAndCompletely(t *testing.T) {
	client := redis.NewClient(&redis.Options{MaxRetries: -1, PipelinePoolSize: -1}) // never dialled
	governor, err := thrift.New(client, thrift.Config{Level: thrift.Full})
	require.NoError(t, err)

	require.ErrorContains(t, governor.Work(nil, 10), "0 queues with concurrency 10")
	require.ErrorContains(t, governor.Work([]string{"mail"}, 0), "1 queues with concurrency 0")
	require.NoError(t, governor.Work([]string{"mail"}, 10))
	require.ErrorContains(t, governor.Work([]string{"mail"}, 10), "called before")

	require.NoError(t, governor.Close(t.Context()))
	require.NoError(t, client.Close())
}
