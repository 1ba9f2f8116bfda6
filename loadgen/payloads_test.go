package loadgen_test

import (
	"testing"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"

	"tollgate/fakes/mocks"
	"tollgate/loadgen"
	"tollgate/system/accounts"
	"tollgate/system/jobs"
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

// Every processor reads its payload and gets as far as asking for the account of
// the user in it, who is not there.
func TestProcessorsAcceptThePayloads(t *testing.T) {
	empty := mocks.NewCache(t)
	empty.EXPECT().Get(mock.Anything, mock.Anything, mock.Anything).Return(false, nil).Maybe()
	empty.EXPECT().Del(mock.Anything, mock.Anything).Return(nil).Maybe()
	processors := jobs.All(jobs.Deps{
		OAuth: mocks.NewOAuth(t), Calendar: mocks.NewCalendar(t), People: mocks.NewPeople(t), SMS: mocks.NewSMS(t),
		Webhooks: mocks.NewWebhooks(t), Suggest: mocks.NewSuggest(t), Accounts: accounts.NewMemory(nil), Cache: empty,
		SMSLimiter: mocks.NewSMSLimiter(t), Enqueuer: mocks.NewEnqueuer(t),
	})
	for _, name := range loadgen.Queues() {
		payload, err := loadgen.Payload(name, "u-17")
		require.NoError(t, err)
		err = processors[queue.Name(name)].Process(t.Context(), queue.Job{ID: "j", Queue: queue.Name(name), Payload: payload})
		require.ErrorIs(t, err, accounts.ErrNotFound, name)
		require.ErrorContains(t, err, "u-17", name)
		require.NotErrorIs(t, err, jobs.ErrPayload, name)
	}
}

func TestPayloadOfAnUnknownQueue(t *testing.T) {
	_, err := loadgen.Payload("fax", "u-1")
	require.ErrorIs(t, err, loadgen.ErrUnknownQueue)
	require.EqualError(t, err, `loadgen: no payload is known for queue "fax"`)
}
