package providers

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"

	"google.golang.org/api/googleapi"
	"google.golang.org/api/option"
)

// maxPages bounds one synchronization: at 250 events or 200 contacts a page, far above what a person has.
const maxPages = 200

// googleOptions points a Google client at root. The logger keeps the library's debug log, which prints
// Authorization headers, off whatever the environment says.
func googleOptions(client *http.Client, root string) []option.ClientOption {
	return []option.ClientOption{
		option.WithHTTPClient(client),
		option.WithEndpoint(root),
		option.WithLogger(slog.New(slog.DiscardHandler)),
	}
}

// googleFailure maps every failure of a Google API; access is the token to keep out of the error.
func googleFailure(provider, op, access string, err error) error {
	var refused *googleapi.Error
	if !errors.As(err, &refused) {
		return noAnswer(provider, op, err)
	}
	reasons := googleReasons(refused)
	text := refused.Message
	if len(reasons) > 0 {
		text = strings.TrimSpace(fmt.Sprintf("%s (%s)", text, strings.Join(reasons, ", ")))
	}
	cause := message(refused.Code, text, access)
	return answered(provider, op, googleKind(refused, reasons), refused.Code, refused.Header, cause)
}

func googleKind(refused *googleapi.Error, reasons []string) Kind {
	switch {
	case refused.Code == http.StatusUnauthorized:
		return KindTokenRevoked
	case refused.Code == http.StatusGone, slices.Contains(reasons, "EXPIRED_SYNC_TOKEN"):
		return KindSyncTokenExpired
	case refused.Code == http.StatusForbidden && slices.ContainsFunc(reasons, isUsageLimit):
		return KindRateLimited
	default:
		return kindOfStatus(refused.Code)
	}
}

// isUsageLimit tells Calendar's 403 for a used-up quota from its 403 for a missing right.
func isUsageLimit(reason string) bool {
	switch reason {
	case "rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded", "dailyLimitExceeded":
		return true
	default:
		return false
	}
}

// googleReasons collects the reasons of both error formats: Calendar's errors[].reason and People's google.rpc.ErrorInfo.
func googleReasons(refused *googleapi.Error) []string {
	var reasons []string
	add := func(reason string) {
		if reason != "" && !slices.Contains(reasons, reason) {
			reasons = append(reasons, reason)
		}
	}
	for _, item := range refused.Errors {
		add(item.Reason)
	}
	for _, detail := range refused.Details {
		if fields, ok := detail.(map[string]any); ok {
			reason, _ := fields["reason"].(string)
			add(reason)
		}
	}
	return reasons
}

// tooManyPages is the error of a synchronization that does not end.
func tooManyPages(provider string) error {
	return &Error{Provider: provider, Op: "sync", Kind: KindPermanent, Err: fmt.Errorf("more than %d pages", maxPages)}
}

// noSyncToken is the error of a last page that lacks the token for the next synchronization.
func noSyncToken(provider string) error {
	return &Error{Provider: provider, Op: "sync", Kind: KindTransient, Err: errors.New("the last page has no sync token")}
}

// walkPages asks for page after page, beginning with an empty page token, until one names the sync token to go on from,
// and returns that. An error of page is returned as it is.
func walkPages(provider string, page func(pageToken string) (nextPage, nextSync string, err error)) (syncToken string, err error) {
	pageToken := ""
	for range maxPages {
		nextPage, nextSync, err := page(pageToken)
		switch {
		case err != nil:
			return "", err
		case nextPage != "":
			pageToken = nextPage
		case nextSync == "":
			return "", noSyncToken(provider)
		default:
			return nextSync, nil
		}
	}
	return "", tooManyPages(provider)
}
