// Package providers calls the services that the jobs work with: Google OAuth, Google Calendar, Google People,
// an SMS API, webhook targets and a text-suggestion endpoint.
//
// The official Go libraries do the calls (golang.org/x/oauth2, google.golang.org/api and twilio-go); this package
// points them at an endpoint, hands them one bounded HTTP client and maps every failure to one type, [Error],
// whose [Kind] says what a caller can do about it. Each provider maps its failures in one place: the method
// named fail in its file.
//
// What it does not do: retry. A call is one HTTP request (a synchronization: one for each page), and neither a library nor
// the HTTP transport repeats it, so that the job layer sees every failure and decides. It stores nothing: access tokens
// and sync tokens are the caller's. Redirects are not followed.
//
// No error, and no print of a [Config] or a [Token], shows a token or a credential, nor an SMS error a phone number.
//
// Clients are safe for concurrent use.
//
// Sources:
//   - Refresh of an access token, invalid_grant: https://developers.google.com/identity/protocols/oauth2/web-server#offline
//     and RFC 6749, sections 5.2 and 6
//   - Calendar synchronization, pages, 410 Gone: https://developers.google.com/workspace/calendar/api/guides/sync
//   - Calendar errors, usage limits as 403 or 429: https://developers.google.com/workspace/calendar/api/guides/errors
//   - Calendar push channels: https://developers.google.com/workspace/calendar/api/guides/push
//   - People synchronization, EXPIRED_SYNC_TOKEN: https://developers.google.com/people/api/rest/v1/people.connections/list
//     (answered with HTTP 400 and status FAILED_PRECONDITION)
//   - SMS: https://www.twilio.com/docs/messaging/api/message-resource, https://www.twilio.com/docs/api/errors/21211
//     and https://www.twilio.com/docs/api/errors/20429
//   - Retry-After: RFC 9110, section 10.2.3
package providers
