package providers

import (
	"context"
	"errors"
	"net/http"
	"net/url"
)

// Webhooks probes webhook targets.
type Webhooks struct{ http *http.Client }

// Probe asks a target for its headers and returns the status it answered, 0 when there was no answer. Anything but a 2xx is
// an error as well. Redirects are not followed: whoever delivers webhooks does not follow them either.
func (w *Webhooks) Probe(ctx context.Context, target string) (status int, err error) {
	u, err := url.Parse(target)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return 0, &Error{Provider: "webhook", Op: "probe", Kind: KindPermanent, Err: errors.New("the target is not an absolute http or https URL")}
	}
	req := (&http.Request{Method: http.MethodHead, URL: u, Header: http.Header{}}).WithContext(ctx)
	answer, err := w.http.Do(req)
	if err != nil {
		return 0, w.fail("probe", nil, err)
	}
	defer answer.Body.Close()
	if answer.StatusCode < 200 || answer.StatusCode > 299 {
		return answer.StatusCode, w.fail("probe", answer, nil)
	}
	return answer.StatusCode, nil
}

// fail maps every failure of a target.
func (w *Webhooks) fail(op string, answer *http.Response, err error) error {
	if answer == nil {
		return noAnswer("webhook", op, err)
	}
	cause := message(answer.StatusCode, "")
	return answered("webhook", op, kindOfStatus(answer.StatusCode), answer.StatusCode, answer.Header, cause)
}
