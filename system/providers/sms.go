package providers

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"time"

	twilio "github.com/twilio/twilio-go/client"
	messages "github.com/twilio/twilio-go/rest/api/v2010"
)

// SMS sends text messages.
type SMS struct {
	http        *http.Client
	root        *url.URL
	timeout     time.Duration
	credentials *twilio.Credentials
	from        string
}

func newSMS(client *http.Client, cfg Config) (*SMS, error) {
	root, err := url.Parse(withSlash(cfg.SMSURL))
	if err != nil {
		return nil, err
	}
	return &SMS{
		http: client, root: root, timeout: cfg.Timeout, from: cfg.SMSFrom,
		credentials: twilio.NewCredentials(cfg.AccountSID, cfg.AuthToken),
	}, nil
}

// Send sends body to a number in E.164 form and returns the message's identifier.
//
// A call that got no answer (KindTransient with status 0) may have sent its message: a repeat may send it twice.
func (s *SMS) Send(ctx context.Context, to, body string) (sid string, err error) {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	call := &smsCall{ctx: ctx, sms: s}
	client := &twilio.Client{Credentials: s.credentials, HTTPClient: &http.Client{
		Transport:     call,
		CheckRedirect: s.http.CheckRedirect,
	}}
	client.SetAccountSid(s.credentials.Username)
	// Not NewRequestHandler: it reads an edge and a region from the environment.
	api := messages.NewApiService(&twilio.RequestHandler{Client: client})
	params := (&messages.CreateMessageParams{}).SetTo(to).SetFrom(s.from).SetBody(body)
	sent, err := api.CreateMessage(params)
	if err != nil || call.status < 200 || call.status > 299 {
		return "", s.fail("send", call, err)
	}
	if sent.Sid == nil || *sent.Sid == "" {
		return "", s.fail("send", call, errors.New("the answer names no message"))
	}
	return *sent.Sid, nil
}

// phoneNumber is a telephone number in the SMS API's words, which quote the one that they refuse.
var phoneNumber = regexp.MustCompile(`\+?[0-9][0-9 ().-]{5,}[0-9]`)

// fail maps every failure of the SMS API. An answer that says "sent" but cannot be understood is KindPermanent: a repeat
// would send the message twice. The error names no phone number.
func (s *SMS) fail(op string, call *smsCall, err error) error {
	if call.status == 0 {
		return noAnswer("sms", op, err)
	}
	text := ""
	var refused *twilio.TwilioRestError
	switch {
	case errors.As(err, &refused):
		text = fmt.Sprintf("code %d: %s", refused.Code, refused.Message)
	case err != nil && call.status <= 299:
		text = err.Error()
	}
	cause := message(call.status, phoneNumber.ReplaceAllString(text, "[hidden]"), s.credentials.Password)
	return answered("sms", op, kindOfStatus(call.status), call.status, call.header, cause)
}

// smsCall is the transport of one call: it gives the request the caller's context, which twilio-go does not take, and the configured
// root, which twilio-go does not let be set, and keeps the answer's status and header, which twilio-go's errors lack.
type smsCall struct {
	ctx    context.Context
	sms    *SMS
	status int
	header http.Header
}

// RoundTrip implements http.RoundTripper.
func (c *smsCall) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.WithContext(c.ctx)
	target := c.sms.root.JoinPath(req.URL.Path)
	target.RawQuery = req.URL.RawQuery
	req.URL, req.Host = target, target.Host
	answer, err := c.sms.http.Transport.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	c.status, c.header = answer.StatusCode, answer.Header
	return answer, nil
}
