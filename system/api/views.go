package api

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"unicode"
	"unicode/utf8"

	"tollgate/system/accounts"
	"tollgate/system/cache"
)

// view serves a list of a user's account through the cache, as {"user":..., <name>: [...]}.
func view[T any](h *Handler, name string, key func(user string) string, list func(accounts.Account) []T) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		user := r.PathValue("user")
		if why := badUser(user); why != "" {
			fail(w, http.StatusBadRequest, "bad_user", fmt.Sprintf("user %s: %s", shown(user), why))
			return
		}
		var missed atomic.Bool // a shared load runs in a goroutine of the cache
		items, err := cache.Fetch(r.Context(), h.cfg.Cache, key(user), h.cfg.CacheTTL, func(ctx context.Context) ([]T, error) {
			missed.Store(true)
			account, err := h.cfg.Accounts.Get(ctx, user)
			if err != nil {
				return nil, err
			}
			return list(account), nil
		})
		if err != nil {
			h.failWith(w, r, err)
			return
		}
		if items == nil {
			items = []T{}
		}
		from := "hit"
		if missed.Load() {
			from = "miss"
		}
		w.Header().Set("X-Cache", from)
		reply(w, http.StatusOK, map[string]any{"user": user, name: items})
	}
}

// badUser says what is wrong with a user's name, which becomes part of keys; "" is fine.
func badUser(user string) string {
	switch {
	case len(user) > MaxUser:
		return fmt.Sprintf("longer than %d bytes", MaxUser)
	case !utf8.ValidString(user):
		return "not UTF-8"
	case strings.ContainsFunc(user, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) }):
		return "spaces and unprintable characters are not allowed"
	}
	return ""
}
