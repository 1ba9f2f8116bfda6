package accounts

import "time"

// ViewTTL is how long a cached view is kept: suggestions, calendar or contacts. Whatever changes one writes it through, so that
// the time to live only clears away the views of users who are gone; an hour would have the cache miss four reads of five at a
// rate of some thousand reads a day, over as many views, and each miss costs a write.
const ViewTTL = 30 * 24 * time.Hour

// SuggestionsKey is the cache key of the user's suggestions, a JSON array of strings.
func SuggestionsKey(user string) string { return "suggestions:" + user }

// CalendarKey is the cache key of the user's events, a JSON array of providers.Event.
func CalendarKey(user string) string { return "calendar:" + user }

// ContactsKey is the cache key of the user's contacts, a JSON array of providers.Contact.
func ContactsKey(user string) string { return "contacts:" + user }

// TokenKey is the cache key of the user's access token.
func TokenKey(user string) string { return "token:" + user }
