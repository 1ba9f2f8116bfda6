package providers

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"
)

// Defaults of Config.
const (
	DefaultOAuthURL    = "https://oauth2.googleapis.com/token"
	DefaultCalendarURL = "https://www.googleapis.com/calendar/v3/"
	DefaultPeopleURL   = "https://people.googleapis.com/"
	DefaultSMSURL      = "https://api.twilio.com/"
	// DefaultTimeout bounds one HTTP request, from the dial to the last byte of the answer.
	DefaultTimeout = 10 * time.Second
	// DefaultMaxConns bounds the connections to each host.
	DefaultMaxConns = 32
)

// Config says where the providers are and with which credentials to call them.
type Config struct {
	// OAuthURL is the token endpoint itself; CalendarURL, PeopleURL and SMSURL are the roots of their APIs.
	// Empty means the public endpoint (the Default constants).
	OAuthURL, CalendarURL, PeopleURL, SMSURL string
	// SuggestURL is the text-suggestion endpoint. It has no default.
	SuggestURL string
	// SuggestToken is sent to it as a Bearer token, unless it is empty.
	SuggestToken string `json:"-"`

	// ClientID and ClientSecret are the application's Google OAuth credentials.
	ClientID     string
	ClientSecret string `json:"-"`

	// AccountSID and AuthToken are the SMS account's credentials, letters and digits only.
	AccountSID string
	AuthToken  string `json:"-"`
	// SMSFrom is the sender's number.
	SMSFrom string

	// DialContext opens connections. Default: a net.Dialer with a 5 s timeout.
	DialContext func(ctx context.Context, network, addr string) (net.Conn, error) `json:"-"`
	// Timeout bounds one HTTP request. Default DefaultTimeout.
	Timeout time.Duration
	// MaxConns bounds the connections to each host; further calls wait, within Timeout. Default DefaultMaxConns.
	MaxConns int
}

// String names the endpoints and hides the credentials.
func (c Config) String() string {
	return fmt.Sprintf("providers(oauth %s, calendar %s, people %s, sms %s, suggest %s)",
		c.OAuthURL, c.CalendarURL, c.PeopleURL, c.SMSURL, c.SuggestURL)
}

// GoString is String, so that %#v hides the credentials too.
func (c Config) GoString() string { return c.String() }

// withDefaults returns c with every empty setting at its default.
func (c Config) withDefaults() Config {
	for _, d := range []struct {
		setting *string
		value   string
	}{
		{&c.OAuthURL, DefaultOAuthURL},
		{&c.CalendarURL, DefaultCalendarURL},
		{&c.PeopleURL, DefaultPeopleURL},
		{&c.SMSURL, DefaultSMSURL},
	} {
		if *d.setting == "" {
			*d.setting = d.value
		}
	}
	if c.DialContext == nil {
		c.DialContext = (&net.Dialer{Timeout: 5 * time.Second}).DialContext
	}
	if c.Timeout == 0 {
		c.Timeout = DefaultTimeout
	}
	if c.MaxConns == 0 {
		c.MaxConns = DefaultMaxConns
	}
	return c
}

// Validate reports every problem of c at once, each naming the setting and what to do. Empty settings that have a default are fine.
func (c Config) Validate() error {
	full := c.withDefaults()
	problems := []error{
		checkURL("OAuthURL", full.OAuthURL),
		checkURL("CalendarURL", full.CalendarURL),
		checkURL("PeopleURL", full.PeopleURL),
		checkURL("SMSURL", full.SMSURL),
		checkURL("SuggestURL", full.SuggestURL),
		checkSet("ClientID", full.ClientID),
		checkSet("ClientSecret", full.ClientSecret),
		checkAlphanumeric("AccountSID", full.AccountSID),
		checkAlphanumeric("AuthToken", full.AuthToken),
		checkSet("SMSFrom", full.SMSFrom),
	}
	if full.Timeout < 0 {
		problems = append(problems, fmt.Errorf("providers: Timeout is %v: set a positive duration, or 0 for %v", full.Timeout, DefaultTimeout))
	}
	if full.MaxConns < 0 {
		problems = append(problems, fmt.Errorf("providers: MaxConns is %d: set a positive number, or 0 for %d", full.MaxConns, DefaultMaxConns))
	}
	return errors.Join(problems...)
}

// checkURL never repeats the value: a URL with a password in it must not be printed.
func checkURL(name, value string) error {
	if value == "" {
		return fmt.Errorf("providers: %s is empty: set the endpoint's URL", name)
	}
	u, err := url.Parse(value)
	switch {
	case err != nil, u.Host == "", u.Scheme != "http" && u.Scheme != "https":
		return fmt.Errorf("providers: %s is not an absolute http or https URL: set one such as https://host/path", name)
	case u.User != nil:
		return fmt.Errorf("providers: %s holds a user name or password: take it out of the URL", name)
	case u.RawQuery != "" || u.Fragment != "":
		return fmt.Errorf("providers: %s has a query or a fragment: set the URL without it", name)
	}
	return nil
}

func checkSet(name, value string) error {
	if value == "" {
		return fmt.Errorf("providers: %s is empty: set it", name)
	}
	return nil
}

const alphanumeric = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

// checkAlphanumeric repeats twilio-go's own rule, which would otherwise refuse each message at run time.
func checkAlphanumeric(name, value string) error {
	if err := checkSet(name, value); err != nil {
		return err
	}
	if strings.Trim(value, alphanumeric) != "" {
		return fmt.Errorf("providers: %s has a character that is neither a letter nor a digit: copy it again from the SMS account", name)
	}
	return nil
}
