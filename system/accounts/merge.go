package accounts

import (
	"cmp"
	"slices"

	"tollgate/system/providers"
)

// MaxItems is how many events, and how many contacts, one account keeps.
const MaxItems = 1000

// MergeEvents applies a synchronization to the stored events and returns the new list: by start, then ID; of more than
// MaxItems the latest are kept. It is never nil and shares no memory with current.
func MergeEvents(current []providers.Event, changes providers.Changes[providers.Event]) []providers.Event {
	merged := merge(current, changes, func(e providers.Event) string { return e.ID })
	slices.SortFunc(merged, func(a, b providers.Event) int {
		return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(a.ID, b.ID))
	})
	return merged[max(0, len(merged)-MaxItems):]
}

// MergeContacts applies a synchronization to the stored contacts and returns the new list: by name, then ID; of more
// than MaxItems the first are kept. It is never nil and shares no memory with current.
func MergeContacts(current []providers.Contact, changes providers.Changes[providers.Contact]) []providers.Contact {
	merged := merge(current, changes, func(c providers.Contact) string { return c.ID })
	slices.SortFunc(merged, func(a, b providers.Contact) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
	})
	return merged[:min(len(merged), MaxItems)]
}

// merge is idempotent: applying the same changes twice gives the same set.
func merge[T any](current []T, changes providers.Changes[T], id func(T) string) []T {
	byID := make(map[string]T, len(current)+len(changes.Items))
	if !changes.Full {
		for _, item := range current {
			byID[id(item)] = item
		}
	}
	for _, item := range changes.Items {
		byID[id(item)] = item
	}
	for _, gone := range changes.Deleted {
		delete(byID, gone)
	}
	merged := make([]T, 0, len(byID))
	for _, item := range byID {
		merged = append(merged, item)
	}
	return merged
}
