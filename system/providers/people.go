package providers

import (
	"context"
	"net/http"

	"google.golang.org/api/people/v1"
)

const (
	contactsPerPage = 200
	contactFields   = "names,phoneNumbers,emailAddresses,metadata"
)

// People synchronizes contacts.
type People struct{ service *people.Service }

func newPeople(client *http.Client, root string) (*People, error) {
	service, err := people.NewService(context.Background(), googleOptions(client, root)...)
	if err != nil {
		return nil, err
	}
	return &People{service: service}, nil
}

// Sync returns the contacts created, changed and deleted since syncToken was handed out, or all contacts when it is
// empty. It walks all pages, at most 200, and stops at the first that fails.
//
// KindSyncTokenExpired asks for a call with an empty syncToken.
func (p *People) Sync(ctx context.Context, access, syncToken string) (Changes[Contact], error) {
	changes := Changes[Contact]{Full: syncToken == ""}
	next, err := walkPages("people", func(pageToken string) (nextPage, nextSync string, err error) {
		page, err := p.page(ctx, access, syncToken, pageToken)
		if err != nil {
			return "", "", p.fail("sync", access, err)
		}
		for _, person := range page.Connections {
			if person.Metadata != nil && person.Metadata.Deleted {
				changes.Deleted = append(changes.Deleted, person.ResourceName)
				continue
			}
			changes.Items = append(changes.Items, toContact(person))
		}
		return page.NextPageToken, page.NextSyncToken, nil
	})
	if err != nil {
		return Changes[Contact]{}, err
	}
	changes.SyncToken = next
	return changes, nil
}

func (p *People) page(ctx context.Context, access, syncToken, pageToken string) (*people.ListConnectionsResponse, error) {
	call := p.service.People.Connections.List("people/me").PersonFields(contactFields).
		PageSize(contactsPerPage).RequestSyncToken(true).Context(ctx)
	if syncToken != "" {
		call.SyncToken(syncToken)
	}
	if pageToken != "" {
		call.PageToken(pageToken)
	}
	call.Header().Set("Authorization", bearer(access))
	return call.Do()
}

// fail maps every failure of the People API.
func (p *People) fail(op, access string, err error) error {
	return googleFailure("people", op, access, err)
}

func toContact(person *people.Person) Contact {
	contact := Contact{ID: person.ResourceName}
	if len(person.Names) > 0 {
		contact.Name = person.Names[0].DisplayName
	}
	if len(person.PhoneNumbers) > 0 {
		contact.Phone = person.PhoneNumbers[0].Value
	}
	if len(person.EmailAddresses) > 0 {
		contact.Email = person.EmailAddresses[0].Value
	}
	return contact
}
