package jobs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"tollgate/system/accounts"
	"tollgate/system/providers"
)

const (
	// tokenMargin is how long before its end an access token leaves the cache, so that no call starts with a dying one.
	tokenMargin = time.Minute
	// maxTokenTTL is how long an access token stays cached at most, also one that does not expire.
	maxTokenTTL = time.Hour
)

// cachedToken is the cache's value under accounts.TokenKey.
type cachedToken struct {
	Access string    `json:"access"`
	Expiry time.Time `json:"expiry"`
}

// refresh gets a new access token, notes its end (and a rotated refresh token) on the account and caches it. Where the
// user has revoked consent it drops the cached token. A refused refresh token that another job has rotated meanwhile is
// no revocation: the account's present one is tried then, once.
func (d Deps) refresh(ctx context.Context, account accounts.Account) (access string, err error) {
	access, err = d.refreshWith(ctx, account)
	if !isKind(err, providers.KindTokenRevoked) {
		return access, err
	}
	current, readErr := d.Accounts.Get(ctx, account.User)
	if readErr != nil {
		return "", readErr
	}
	if current.RefreshToken != account.RefreshToken {
		access, err = d.refreshWith(ctx, current)
	}
	if isKind(err, providers.KindTokenRevoked) {
		return "", errors.Join(err, d.Cache.Del(ctx, accounts.TokenKey(account.User)))
	}
	return access, err
}

// refreshWith is one call with the account's refresh token.
func (d Deps) refreshWith(ctx context.Context, account accounts.Account) (access string, err error) {
	if account.RefreshToken == "" {
		return "", fmt.Errorf("%w: user %s has no refresh token", ErrAccount, account.User)
	}
	token, err := d.OAuth.Refresh(ctx, account.RefreshToken)
	if err != nil {
		return "", err
	}
	err = d.Accounts.Update(ctx, account.User, func(a *accounts.Account) {
		a.TokenExpiry = token.Expiry
		if token.Refresh != "" {
			a.RefreshToken = token.Refresh
		}
	})
	if err != nil {
		return "", err
	}
	if ttl := tokenTTL(token); ttl > 0 {
		value := cachedToken{Access: token.Access, Expiry: token.Expiry}
		if err := d.Cache.Set(ctx, accounts.TokenKey(account.User), value, ttl); err != nil {
			return "", err
		}
	}
	return token.Access, nil
}

// tokenTTL is how long token may be cached; zero or less means not at all.
func tokenTTL(token providers.Token) time.Duration {
	if token.Expiry.IsZero() {
		return maxTokenTTL
	}
	return min(time.Until(token.Expiry)-tokenMargin, maxTokenTTL)
}

// withAccess calls use with the user's access token: the cached one, else a new one. When a provider refuses a cached
// token that should still live, it is dropped and use is called once more with a new one.
func (d Deps) withAccess(ctx context.Context, account accounts.Account, use func(access string) error) error {
	key := accounts.TokenKey(account.User)
	var cached cachedToken
	found, err := d.Cache.Get(ctx, key, &cached)
	if err != nil {
		// An unreadable value is overwritten by the refresh; an unreachable cache fails it.
		d.Logger.WarnContext(ctx, "cached access token not read", "user", account.User, "error", err)
	}
	if err == nil && found {
		err := use(cached.Access)
		if !isKind(err, providers.KindTokenRevoked) {
			return err
		}
		if err := d.Cache.Del(ctx, key); err != nil {
			return err
		}
	}
	access, err := d.refresh(ctx, account)
	if err != nil {
		return err
	}
	err = use(access)
	if isKind(err, providers.KindTokenRevoked) {
		return errors.Join(err, d.Cache.Del(ctx, key))
	}
	return err
}
