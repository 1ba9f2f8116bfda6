package main

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/reports/command"
	"tollgate/reports/exitcode"
)

func TestAwait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var errs bytes.Buffer
		s, at := command.Streams{Err: &errs}, time.Now().Add(90*time.Second)
		c := runCommand{StartAt: &at}
		require.NoError(t, c.await(t.Context(), s))
		require.Equal(t, at, time.Now())
		require.Contains(t, errs.String(), "loadgen: ready; begins at ")
		require.Contains(t, errs.String(), "in 1m30s")

		time.Sleep(time.Second)
		require.Equal(t, exitcode.NotStarted, exitcode.Of(c.await(t.Context(), s)), "it went by")

		later := time.Now().Add(time.Hour)
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Minute, func() { cancel(errors.New("enough")) })
		err := runCommand{StartAt: &later}.await(ctx, s)
		require.Equal(t, exitcode.Interrupted, exitcode.Of(err))
		require.ErrorContains(t, err, "interrupted before the start: enough")
	})
}
