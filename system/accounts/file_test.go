package accounts_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/system/accounts"
)

func file(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "accounts.json")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

func TestReadFile(t *testing.T) {
	t.Parallel()
	m, err := accounts.ReadFile(file(t, `[
		{"user":"ann","refresh_token":"r1","phone":"+12025550123","calendar_id":"work","webhooks":["http://h/1"]},
		{"user":"bob"}]`))
	require.NoError(t, err)
	ann, err := m.Get(t.Context(), "ann")
	require.NoError(t, err)
	require.Equal(t, accounts.Account{
		User: "ann", RefreshToken: "r1", Phone: "+12025550123", CalendarID: "work", Webhooks: []string{"http://h/1"},
	}, ann)
	bob, err := m.Get(t.Context(), "bob")
	require.NoError(t, err)
	require.Equal(t, "primary", bob.CalendarID)
	_, err = m.Get(t.Context(), "eve")
	require.ErrorIs(t, err, accounts.ErrNotFound)
}

func TestReadFileRefuses(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ text, want string }{
		"no JSON":        {"user: ann", "invalid character"},
		"an object":      {`{"user":"ann"}`, "cannot unmarshal object"},
		"unknown field":  {`[{"user":"ann","refresh-token":"secret"}]`, `unknown field "refresh-token"`},
		"no user":        {`[{"user":"ann"},{"phone":"+1"}]`, "account 2 has no user"},
		"the same twice": {`[{"user":"ann"},{"user":"ann"}]`, `account 2: user "ann" was there before`},
		"more after it":  {`[] []`, "something after the array"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := accounts.ReadFile(file(t, tt.text))
			require.ErrorIs(t, err, accounts.ErrFile)
			require.ErrorContains(t, err, tt.want)
			require.NotContains(t, err.Error(), "secret")
		})
	}
	_, err := accounts.ReadFile(filepath.Join(t.TempDir(), "missing.json"))
	require.ErrorIs(t, err, os.ErrNotExist)
}
