// Package providers is a fake of the services that the jobs call, faithful in shape and run in process: Google's OAuth
// token endpoint, Google Calendar (events with pages and sync tokens, push channels), Google People (connections with pages and sync
// tokens), Twilio's message resource, webhook targets and a text-suggestion endpoint.
//
// One [Server] serves them all, told apart by path:
//
//	POST /token                                            oauth
//	GET  /calendar/v3/calendars/{id}/events                calendar_events
//	POST /calendar/v3/calendars/{id}/events/watch          calendar_watch
//	POST /calendar/v3/channels/stop                        calendar_stop
//	GET  /v1/people/me/connections                         people
//	POST /2010-04-01/Accounts/{sid}/Messages.json          sms
//	HEAD, GET, POST /hooks/{id}                            hooks
//	POST /suggest                                          suggest
//	anything else                                          unknown (404)
//
// The right column is the endpoint's name in [Server.Counts].
//
// # Failures
//
// A [Plan] fails a share of the calls. Which ones is drawn from the seed, the endpoint and the call's number at that endpoint, so the same
// calls in the same order fail in the same way, and the number of failures in n calls of an endpoint does not depend on
// the order at all. A subject (a user, a phone number, a webhook's identifier) can be taken out of the draw and given a fixed fate.
//
// # Data
//
// Each user has a fixed set of events and of contacts, made from the user's name: by default 25 in pages of 10. Every
// incremental synchronization finds a few changes: two changed items, one new and, from the second on, one deleted. Applying the
// changes to what a full synchronization returned gives exactly what a later full synchronization returns.
//
// Refresh tokens read refresh-<user>. Access tokens read access-<user>-<n>, n being the instant of expiry in Unix
// milliseconds, so the server keeps no list of them; [Server.AccessToken] makes one without a call.
//
// What it does not do: it sends no push messages to a channel's address, keeps no messages, ignores the calendar's
// identifier and the partial-response parameters, and never expires a sync token by age, only by [Server.ExpireSyncTokens]
// or by the plan.
//
// Sources:
//   - https://developers.google.com/identity/protocols/oauth2/web-server#offline and RFC 6749, section 5.2
//   - https://developers.google.com/workspace/calendar/api/guides/sync and .../guides/errors, .../guides/push
//   - https://developers.google.com/people/api/rest/v1/people.connections/list; an expired sync token is answered with
//     HTTP 400, FAILED_PRECONDITION and reason EXPIRED_SYNC_TOKEN
//   - https://www.twilio.com/docs/messaging/api/message-resource and https://www.twilio.com/docs/usage/twilios-response
package providers
