package providers

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"
	"google.golang.org/api/calendar/v3"
)

// eventsPerPage is the API's default page size.
const eventsPerPage = 250

// Calendar synchronizes calendars and renews their push channels.
type Calendar struct{ service *calendar.Service }

func newCalendar(client *http.Client, root string) (*Calendar, error) {
	service, err := calendar.NewService(context.Background(), googleOptions(client, root)...)
	if err != nil {
		return nil, err
	}
	return &Calendar{service: service}, nil
}

// Sync returns the events created, changed and deleted since syncToken was handed out, or all events when it is empty.
// It walks all pages, at most 200, and stops at the first that fails.
//
// KindSyncTokenExpired asks for a call with an empty syncToken.
func (c *Calendar) Sync(ctx context.Context, access, calendarID, syncToken string) (Changes[Event], error) {
	changes := Changes[Event]{Full: syncToken == ""}
	next, err := walkPages("calendar", func(pageToken string) (nextPage, nextSync string, err error) {
		page, err := c.page(ctx, access, calendarID, syncToken, pageToken)
		if err != nil {
			return "", "", c.fail("sync", access, err)
		}
		for _, item := range page.Items {
			if item.Status == "cancelled" {
				changes.Deleted = append(changes.Deleted, item.Id)
				continue
			}
			event, err := toEvent(item)
			if err != nil {
				return "", "", &Error{Provider: "calendar", Op: "sync", Kind: KindPermanent, Err: err}
			}
			changes.Items = append(changes.Items, event)
		}
		return page.NextPageToken, page.NextSyncToken, nil
	})
	if err != nil {
		return Changes[Event]{}, err
	}
	changes.SyncToken = next
	return changes, nil
}

func (c *Calendar) page(ctx context.Context, access, calendarID, syncToken, pageToken string) (*calendar.Events, error) {
	call := c.service.Events.List(calendarID).MaxResults(eventsPerPage).Context(ctx)
	if syncToken != "" {
		call.SyncToken(syncToken)
	}
	if pageToken != "" {
		call.PageToken(pageToken)
	}
	call.Header().Set("Authorization", bearer(access))
	return call.Do()
}

// Watch opens a push channel on a calendar: ch.Address is told of changes until ch.Expiry (zero: the provider's default, about a
// week). An empty ch.ID gets a fresh one. The result holds what Stop needs and the expiry that was granted.
func (c *Calendar) Watch(ctx context.Context, access, calendarID string, ch Channel) (Channel, error) {
	request := &calendar.Channel{Id: ch.ID, Type: "web_hook", Address: ch.Address}
	if request.Id == "" {
		request.Id = uuid.NewString()
	}
	if !ch.Expiry.IsZero() {
		request.Expiration = ch.Expiry.UnixMilli()
	}
	call := c.service.Events.Watch(calendarID, request).Context(ctx)
	call.Header().Set("Authorization", bearer(access))
	granted, err := call.Do()
	if err != nil {
		return Channel{}, c.fail("watch", access, err)
	}
	opened := Channel{ID: granted.Id, ResourceID: granted.ResourceId, Address: ch.Address}
	if granted.Expiration != 0 {
		opened.Expiry = time.UnixMilli(granted.Expiration)
	}
	return opened, nil
}

// Stop closes a push channel that Watch opened. A channel that is already gone is KindPermanent with status 404.
func (c *Calendar) Stop(ctx context.Context, access string, ch Channel) error {
	call := c.service.Channels.Stop(&calendar.Channel{Id: ch.ID, ResourceId: ch.ResourceID}).Context(ctx)
	call.Header().Set("Authorization", bearer(access))
	if err := call.Do(); err != nil {
		return c.fail("stop", access, err)
	}
	return nil
}

// fail maps every failure of the Calendar API.
func (c *Calendar) fail(op, access string, err error) error {
	return googleFailure("calendar", op, access, err)
}

func toEvent(item *calendar.Event) (Event, error) {
	start, err := eventTime(item.Start)
	if err != nil {
		return Event{}, fmt.Errorf("event %q: start: %w", item.Id, err)
	}
	end, err := eventTime(item.End)
	if err != nil {
		return Event{}, fmt.Errorf("event %q: end: %w", item.Id, err)
	}
	return Event{ID: item.Id, Summary: item.Summary, Status: item.Status, Start: start, End: end}, nil
}

// eventTime reads an instant, or the date of an all-day event as its midnight in UTC.
func eventTime(t *calendar.EventDateTime) (time.Time, error) {
	switch {
	case t == nil:
		return time.Time{}, nil
	case t.DateTime != "":
		return time.Parse(time.RFC3339, t.DateTime)
	default:
		return time.Parse(time.DateOnly, t.Date)
	}
}
