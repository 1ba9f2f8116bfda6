package accounts_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/system/accounts"
	"tollgate/system/providers"
)

func ExampleMemory() {
	ctx := context.Background()
	db := accounts.NewMemory(func(user string) accounts.Account {
		return accounts.Account{RefreshToken: "refresh-" + user, Phone: "+15550100"}
	})
	_ = db.Update(ctx, "u-1", func(a *accounts.Account) { a.Suggestions = []string{"call Ada"} })
	account, _ := db.Get(ctx, "u-1")
	fmt.Println(account, account.Phone, account.Suggestions)
	// Output: account(u-1) +15550100 [call Ada]
}

func TestMemoryUnknownUsers(t *testing.T) {
	ctx := t.Context()
	bare := accounts.NewMemory(nil)
	_, err := bare.Get(ctx, "u-1")
	require.ErrorIs(t, err, accounts.ErrNotFound)
	require.ErrorContains(t, err, `"u-1"`)
	require.NoError(t, bare.Update(ctx, "u-1", func(a *accounts.Account) { a.Phone = "+1" }))
	got, err := bare.Get(ctx, "u-1")
	require.NoError(t, err)
	require.Equal(t, accounts.Account{User: "u-1", Phone: "+1"}, got)

	derived := 0
	deriving := accounts.NewMemory(func(string) accounts.Account { derived++; return accounts.Account{User: "other", Activity: 7} })
	for range 3 {
		got, err = deriving.Get(ctx, "u-2")
		require.NoError(t, err)
		require.Equal(t, accounts.Account{User: "u-2", Activity: 7}, got)
	}
	require.Equal(t, 1, derived)
}

func TestMemoryHandsOutCopies(t *testing.T) {
	ctx := t.Context()
	db := accounts.NewMemory(nil)
	mine := []string{"one"}
	require.NoError(t, db.Update(ctx, "u", func(a *accounts.Account) { a.Suggestions, a.User = mine, "someone else" }))
	mine[0] = "changed by the caller"
	got, err := db.Get(ctx, "u")
	require.NoError(t, err)
	require.Equal(t, "u", got.User)
	require.Equal(t, []string{"one"}, got.Suggestions)
	got.Suggestions[0] = "changed by the reader"
	again, err := db.Get(ctx, "u")
	require.NoError(t, err)
	require.Equal(t, []string{"one"}, again.Suggestions)
}

func TestMemoryObeysContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	db := accounts.NewMemory(nil)
	_, err := db.Get(ctx, "u")
	require.ErrorIs(t, err, context.Canceled)
	err = db.Update(ctx, "u", func(*accounts.Account) { t.Error("must not be called") })
	require.ErrorIs(t, err, context.Canceled)
}

func TestMemoryIsCapped(t *testing.T) {
	ctx := t.Context()
	db := accounts.NewMemory(func(string) accounts.Account { return accounts.Account{} })
	for i := range accounts.MaxAccounts {
		require.NoError(t, db.Update(ctx, fmt.Sprint(i), func(*accounts.Account) {}))
	}
	_, err := db.Get(ctx, "one too many")
	require.ErrorIs(t, err, accounts.ErrFull)
	_, err = db.Get(ctx, "0")
	require.NoError(t, err)
}

func TestMemoryUpdatesDoNotGetLost(t *testing.T) {
	ctx := t.Context()
	db := accounts.NewMemory(func(string) accounts.Account { return accounts.Account{} })
	var writers sync.WaitGroup
	for range 8 {
		writers.Go(func() {
			for range 200 {
				_ = db.Update(ctx, "u", func(a *accounts.Account) { a.Activity++ })
				_, _ = db.Get(ctx, "u")
			}
		})
	}
	writers.Wait()
	got, err := db.Get(ctx, "u")
	require.NoError(t, err)
	require.Equal(t, 1600, got.Activity)
}

func TestAccountDelivered(t *testing.T) {
	var a accounts.Account
	for i := range accounts.MaxDelivered + 1 {
		a.MarkDelivered(fmt.Sprint(i))
	}
	require.Len(t, a.Delivered, accounts.MaxDelivered)
	require.False(t, a.HasDelivered("0"))
	require.True(t, a.HasDelivered("1"))
	require.True(t, a.HasDelivered(fmt.Sprint(accounts.MaxDelivered)))
}

func TestAccountPrintsNoSecret(t *testing.T) {
	a := accounts.Account{User: "u-1", RefreshToken: "hush", CalendarSyncToken: "hush"}
	for _, format := range []string{"%v", "%+v", "%#v", "%s"} {
		require.NotContains(t, fmt.Sprintf(format, a), "hush")
	}
	require.NotContains(t, a.LogValue().String(), "hush")
}

func TestViewKeysAreDistinct(t *testing.T) {
	require.Equal(t, "suggestions:u", accounts.SuggestionsKey("u"))
	require.Equal(t, "calendar:u", accounts.CalendarKey("u"))
	require.Equal(t, "contacts:u", accounts.ContactsKey("u"))
	require.Equal(t, "token:u", accounts.TokenKey("u"))
}

func at(hour int) time.Time { return time.Date(2026, 11, 23, hour, 0, 0, 0, time.UTC) }

func TestMergeEvents(t *testing.T) {
	a, b, c := providers.Event{ID: "a", Start: at(9)}, providers.Event{ID: "b", Start: at(8)}, providers.Event{ID: "c", Start: at(9)}
	moved := providers.Event{ID: "a", Start: at(7), Summary: "moved"}
	for name, tc := range map[string]struct {
		current []providers.Event
		changes providers.Changes[providers.Event]
		want    []providers.Event
	}{
		"nothing at all":           {want: []providers.Event{}},
		"added, by start then ID":  {[]providers.Event{a}, providers.Changes[providers.Event]{Items: []providers.Event{c, b}}, []providers.Event{b, a, c}},
		"changed":                  {[]providers.Event{a, b}, providers.Changes[providers.Event]{Items: []providers.Event{moved}}, []providers.Event{moved, b}},
		"deleted, unknown ignored": {[]providers.Event{a, b}, providers.Changes[providers.Event]{Deleted: []string{"a", "x"}}, []providers.Event{b}},
		"full replaces":            {[]providers.Event{a, b}, providers.Changes[providers.Event]{Items: []providers.Event{c}, Full: true}, []providers.Event{c}},
	} {
		t.Run(name, func(t *testing.T) {
			got := accounts.MergeEvents(tc.current, tc.changes)
			require.Equal(t, tc.want, got)
			require.Equal(t, tc.want, accounts.MergeEvents(got, tc.changes), "applying twice changes nothing")
		})
	}
}

func TestMergeIsCapped(t *testing.T) {
	var events []providers.Event
	var contacts []providers.Contact
	for i := range accounts.MaxItems + 5 {
		id := fmt.Sprintf("%05d", i)
		events = append(events, providers.Event{ID: id, Start: at(0).Add(time.Duration(i) * time.Minute)})
		contacts = append(contacts, providers.Contact{ID: id, Name: id})
	}
	gotEvents := accounts.MergeEvents(nil, providers.Changes[providers.Event]{Items: events})
	require.Len(t, gotEvents, accounts.MaxItems)
	require.Equal(t, "00005", gotEvents[0].ID)
	gotContacts := accounts.MergeContacts(nil, providers.Changes[providers.Contact]{Items: contacts})
	require.Len(t, gotContacts, accounts.MaxItems)
	require.Equal(t, "00000", gotContacts[0].ID)
}

func TestMergeContacts(t *testing.T) {
	ada, bob := providers.Contact{ID: "2", Name: "Ada"}, providers.Contact{ID: "1", Name: "Bob"}
	got := accounts.MergeContacts([]providers.Contact{bob}, providers.Changes[providers.Contact]{Items: []providers.Contact{ada}})
	require.Equal(t, []providers.Contact{ada, bob}, got)
	got = accounts.MergeContacts(got, providers.Changes[providers.Contact]{Deleted: []string{"1"}})
	require.Equal(t, []providers.Contact{ada}, got)
}
