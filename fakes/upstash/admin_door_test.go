package upstash_test

import (
	"encoding/json"
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/fakes/upstash/meter"
)

// Whatever is at the admin door, a page of somebody else's does not get there: also not where there is nothing.
func TestAdminDoorIsGuarded(t *testing.T) {
	f := start(t, settings(t))
	c := web(t, f)
	for _, path := range []string{"/ledger/reset-peaks", "/faults", "/nowhere"} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, f.AdminURL()+path, nil)
		require.NoError(t, err)
		request.Header.Set("Origin", "https://evil.example")
		response, err := c.Do(request)
		require.NoError(t, err)
		response.Body.Close()
		require.Equal(t, http.StatusForbidden, response.StatusCode, path)
	}
}

// The whole way from a client to the account: in virtual time, with a full minute.
func TestAdminShowsTheAccount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t, settings(t))
		conn := login(t, f)
		conn.want("+OK", "CLIENT", "SETNAME", "worker")
		conn.want("$1", "EVAL", "redis.call('SET',KEYS[1],'x') return redis.call('GET',KEYS[1])", "1", "k")
		time.Sleep(time.Minute)

		response, err := web(t, f).Get(f.AdminURL() + "/account")
		require.NoError(t, err)
		defer response.Body.Close()
		text, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		var a meter.Account
		require.NoError(t, json.Unmarshal(text, &a))
		require.EqualValues(t, 4, a.Total.Billed, "CLIENT SETNAME, EVAL and what it called")
		require.EqualValues(t, 4*43_200, a.Projection.TotalPerMonth)
		require.EqualValues(t, 1, a.Projection.Rest.Open)
		require.Equal(t, "worker", a.Components[0].Name)
		require.Equal(t, []meter.Callee{{Name: "GET", Times: 1}, {Name: "SET", Times: 1}}, a.Scripts[0].Calls)
	})
}
