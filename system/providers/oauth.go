package providers

import (
	"context"
	"errors"
	"net/http"

	"golang.org/x/oauth2"
)

// OAuth refreshes the access tokens of users.
type OAuth struct {
	http   *http.Client
	config oauth2.Config
}

func newOAuth(client *http.Client, cfg Config) *OAuth {
	return &OAuth{http: client, config: oauth2.Config{
		ClientID:     cfg.ClientID,
		ClientSecret: cfg.ClientSecret,
		// Google takes the credentials in the form. Left to guess, oauth2 would send a second request after a failure.
		Endpoint: oauth2.Endpoint{TokenURL: cfg.OAuthURL, AuthStyle: oauth2.AuthStyleInParams},
	}}
}

// Refresh trades a refresh token for a new access token.
//
// KindTokenRevoked means that the user must consent again. Wrong client credentials are KindPermanent: no user's consent helps.
func (o *OAuth) Refresh(ctx context.Context, refreshToken string) (Token, error) {
	if refreshToken == "" {
		return Token{}, &Error{Provider: "oauth", Op: "refresh", Kind: KindTokenRevoked, Err: errors.New("the account has no refresh token")}
	}
	ctx = context.WithValue(ctx, oauth2.HTTPClient, o.http)
	token, err := o.config.TokenSource(ctx, &oauth2.Token{RefreshToken: refreshToken}).Token()
	if err != nil {
		return Token{}, o.fail("refresh", refreshToken, err)
	}
	return Token{Access: token.AccessToken, Refresh: token.RefreshToken, Expiry: token.Expiry}, nil
}

// fail maps every failure of the token endpoint.
func (o *OAuth) fail(op, refreshToken string, err error) error {
	var refused *oauth2.RetrieveError
	if !errors.As(err, &refused) {
		return noAnswer("oauth", op, err)
	}
	status := refused.Response.StatusCode
	kind := kindOfStatus(status)
	switch {
	case refused.ErrorCode == "invalid_grant":
		kind = KindTokenRevoked
	case refused.ErrorCode == "invalid_client", refused.ErrorCode == "unauthorized_client":
		kind = KindPermanent
	case status == http.StatusUnauthorized:
		kind = KindTokenRevoked
	}
	text := refused.ErrorCode
	if refused.ErrorDescription != "" {
		text += ": " + refused.ErrorDescription
	}
	cause := message(status, text, refreshToken, o.config.ClientSecret)
	return answered("oauth", op, kind, status, refused.Response.Header, cause)
}
