package jobs

import "tollgate/system/providers"

// incremental fetches the changes since syncToken. A token that the provider no longer knows is dropped, and everything
// is fetched anew.
func incremental[T any](
	syncToken string, fetch func(syncToken string) (providers.Changes[T], error),
) (providers.Changes[T], error) {
	changes, err := fetch(syncToken)
	if syncToken != "" && isKind(err, providers.KindSyncTokenExpired) {
		return fetch("")
	}
	return changes, err
}
