package loadgen_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/loadgen"
	"tollgate/system/queue"
)

func TestQueuesAreThoseOfTheService(t *testing.T) {
	var names []string
	for _, spec := range queue.Specs() {
		names = append(names, string(spec.Name))
	}
	require.ElementsMatch(t, names, loadgen.Queues())
}

func TestPayload(t *testing.T) {
	for _, name := range loadgen.Queues() {
		want := `{"user":"u-17"}`
		if name == "batch-notifications" {
			want = `{"notifications":[{"user":"u-17","text":"You have an appointment today."}]}`
		}
		got, err := loadgen.Payload(name, "u-17")
		require.NoError(t, err)
		require.JSONEq(t, want, string(got), name)
	}
}

func TestPayloadOfAnUnknownQueue(t *testing.T) {
	_, err := loadgen.Payload("fax", "u-1")
	require.ErrorIs(t, err, loadgen.ErrUnknownQueue)
	require.EqualError(t, err, `loadgen: no payload is known for queue "fax"`)
}
