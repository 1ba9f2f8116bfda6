package accounts

import "time"

// ViewTTL is how long a job's write-through keeps a cached view: suggestions, calendar or contacts.
const ViewTTL = time.Hour

// SuggestionsKey is the cache key of the user's suggestions, a JSON array of strings.
func SuggestionsKey(user string) string { return "suggestions:" + user }

// CalendarKey is the cache key of the user's events, a JSON array of providers.Event.
func CalendarKey(user string) string { return "calendar:" + user }

// ContactsKey is the cache key of the user's contacts, a JSON array of providers.Contact.
func ContactsKey(user string) string { return "contacts:" + user }

// TokenKey is the cache key of the user's access token.
func TokenKey(user string) string { return "token:" + user }
