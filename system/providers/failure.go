package providers

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

const (
	// maxRetryAfter caps what a provider may ask a caller to wait.
	maxRetryAfter = 24 * time.Hour
	// maxMessage caps the bytes of a provider's message in an error.
	maxMessage = 200
)

// kindOfStatus is what an HTTP status means where a provider says nothing more precise.
func kindOfStatus(status int) Kind {
	switch {
	case status == http.StatusTooManyRequests:
		return KindRateLimited
	case status >= 500, status == http.StatusRequestTimeout:
		return KindTransient
	default:
		return KindPermanent
	}
}

// noAnswer is the error of a call that got no answer, or one that could not be read: all of them may pass.
func noAnswer(provider, op string, err error) *Error {
	return &Error{Provider: provider, Op: op, Kind: KindTransient, Err: withoutURL(err)}
}

// answered is the error of a call that was refused with a status.
func answered(provider, op string, kind Kind, status int, header http.Header, cause error) *Error {
	return &Error{
		Provider: provider, Op: op, Kind: kind, Status: status, Err: cause,
		RetryAfter: retryAfter(header.Get("Retry-After"), time.Now()),
	}
}

// withoutURL drops the method and URL that net/http puts before its errors: a URL may hold a secret.
func withoutURL(err error) error {
	var outer *url.Error
	if errors.As(err, &outer) {
		return outer.Err
	}
	return err
}

// message is a provider's own words as an error: one line, cut to maxMessage bytes, with any of secrets hidden.
// It falls back to the status's text.
func message(status int, text string, secrets ...string) error {
	for _, secret := range secrets {
		if secret != "" {
			text = strings.ReplaceAll(text, secret, "[hidden]")
		}
	}
	text = strings.Join(strings.Fields(text), " ")
	if len(text) > maxMessage {
		text = strings.ToValidUTF8(text[:maxMessage], "") + "..."
	}
	if text == "" {
		text = http.StatusText(status)
	}
	if text == "" {
		return fmt.Errorf("status %d", status)
	}
	return errors.New(text)
}

// retryAfter reads a Retry-After header: seconds or an HTTP date. It returns 0 for an empty, malformed or past value,
// and at most maxRetryAfter.
func retryAfter(value string, now time.Time) time.Duration {
	value = strings.TrimSpace(value)
	seconds, err := strconv.ParseUint(value, 10, 64)
	if err == nil || errors.Is(err, strconv.ErrRange) {
		return time.Duration(min(seconds, uint64(maxRetryAfter/time.Second))) * time.Second
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	return min(max(at.Sub(now), 0), maxRetryAfter)
}
