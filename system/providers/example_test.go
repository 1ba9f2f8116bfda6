package providers_test

import (
	"context"
	"errors"
	"fmt"

	"tollgate/fakes/memnet"
	fake "tollgate/fakes/providers"
	"tollgate/system/providers"
)

// A calendar is synchronized, and its sync token expires.
func ExampleCalendar_Sync() {
	ctx := context.Background()
	network := memnet.New()
	defer network.Close()
	server, err := fake.Start(ctx, fake.Config{Listen: network.Listen})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer server.Close()
	clients, err := providers.New(providers.Config{
		OAuthURL: server.OAuthURL(), CalendarURL: server.CalendarURL(), PeopleURL: server.PeopleURL(),
		SMSURL: server.SMSURL(), SuggestURL: server.SuggestURL(),
		ClientID: "id", ClientSecret: "secret",
		AccountSID: "AC1", AuthToken: "token", SMSFrom: "+12025550100",
		DialContext: network.DialContext,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer clients.Close()

	token, err := clients.OAuth.Refresh(ctx, "refresh-ada")
	if err != nil {
		fmt.Println(err)
		return
	}
	changes, err := clients.Calendar.Sync(ctx, token.Access, "primary", "")
	fmt.Println(len(changes.Items), "events, full:", changes.Full, "error:", err)

	server.ExpireSyncTokens()
	_, err = clients.Calendar.Sync(ctx, token.Access, "primary", changes.SyncToken)
	var failure *providers.Error
	if errors.As(err, &failure) && failure.Kind == providers.KindSyncTokenExpired {
		fmt.Println("again from the start:", failure)
	}
	// Output:
	// 25 events, full: true error: <nil>
	// again from the start: calendar sync: sync_token_expired (HTTP 410): Sync token is no longer valid, a full sync is required. (fullSyncRequired)
}
