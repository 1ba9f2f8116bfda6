package scenarios

import (
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/system/queue"
)

// The users of the load must not have a probe's phone number, or they would share
// its failures.
func TestPhonesOfTheProbesAreTheirOwn(t *testing.T) {
	t.Parallel()
	subjects := probeSubjects()
	require.Len(t, subjects, 4*len(queue.Specs()), "two users for each queue, each by name and phone")
	for i := range 1200 {
		user := "u-" + strconv.Itoa(i)
		require.NotContains(t, subjects, user)
		require.NotContains(t, subjects, phoneOf(user), user)
	}
}

func TestPhoneOf(t *testing.T) {
	t.Parallel()
	require.Equal(t, "+12021602306", phoneOf("u-1"), "the same in every run")
	require.NotEqual(t, phoneOf("u-1"), phoneOf("u-2"))
	require.Regexp(t, `^\+1202\d{7}$`, phoneOf("u-1"))
}

func TestDatabaseFailsOnceForTheQueueWithoutProviders(t *testing.T) {
	t.Parallel()
	db := newDatabase("http://hooks/")
	for _, user := range []string{"u-1", flakyPrefix + string(queue.TokenRefresh), hopelessPrefix + string(localQueue)} {
		_, err := db.Get(t.Context(), user)
		require.NoError(t, err, user)
	}
	flaky := flakyPrefix + string(localQueue)
	_, err := db.Get(t.Context(), flaky)
	require.ErrorIs(t, err, errDatabase)
	account, err := db.Get(t.Context(), flaky)
	require.NoError(t, err)
	require.Equal(t, flaky, account.User)
	require.Equal(t, []string{"http://hooks/" + flaky}, account.Webhooks)
	require.True(t, strings.HasSuffix(account.RefreshToken, flaky))
}
