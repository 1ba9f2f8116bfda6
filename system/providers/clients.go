package providers

import (
	"fmt"
	"net/http"
	"strings"
)

// Clients are the clients of all providers. They share one HTTP transport.
type Clients struct {
	OAuth    *OAuth
	Calendar *Calendar
	People   *People
	SMS      *SMS
	Webhooks *Webhooks
	Suggest  *Suggest

	transport *http.Transport
}

// New validates cfg and returns its clients. It dials nothing. Call Close when done.
func New(cfg Config) (*Clients, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	cfg = cfg.withDefaults()
	transport := newTransport(cfg)
	client := newHTTPClient(transport, cfg.Timeout)
	calendar, err := newCalendar(client, withSlash(cfg.CalendarURL))
	if err != nil {
		return nil, fmt.Errorf("providers: calendar client: %w", err)
	}
	people, err := newPeople(client, withSlash(cfg.PeopleURL))
	if err != nil {
		return nil, fmt.Errorf("providers: people client: %w", err)
	}
	sms, err := newSMS(client, cfg)
	if err != nil {
		return nil, fmt.Errorf("providers: sms client: %w", err)
	}
	return &Clients{
		OAuth:     newOAuth(client, cfg),
		Calendar:  calendar,
		People:    people,
		SMS:       sms,
		Webhooks:  &Webhooks{http: client},
		Suggest:   &Suggest{http: client, url: cfg.SuggestURL, token: cfg.SuggestToken},
		transport: transport,
	}, nil
}

// Close closes the idle connections; those in use are closed when their calls end.
func (c *Clients) Close() { c.transport.CloseIdleConnections() }

// withSlash ends an API root with one slash, so that relative paths join it.
func withSlash(root string) string { return strings.TrimRight(root, "/") + "/" }
