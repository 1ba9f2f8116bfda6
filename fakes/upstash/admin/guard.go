package admin

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// Guard keeps web pages of others away from next, the handler of an admin door that listens on addr. Browsers would
// send such pages' requests, since the door asks for no credentials:
//
//   - a page whose own host name was made to lead here (DNS rebinding) is known by that name: only IP addresses,
//     localhost and the name in addr are taken for a Host;
//   - a page of another origin that posts is known by Origin or Sec-Fetch-Site. Programs send neither and pass.
//
// Both get 403 and why.
func Guard(next http.Handler, addr string) http.Handler {
	own, _, _ := net.SplitHostPort(addr) // "" for an address that is none: then only the others pass
	origins := http.NewCrossOriginProtection()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch host := hostOf(r); {
		case !isAddress(host) && !strings.EqualFold(host, "localhost") && (own == "" || !strings.EqualFold(host, own)):
			http.Error(w, "This Host is not one of this door: use its IP address, localhost, or the name it listens on.", http.StatusForbidden)
		case origins.Check(r) != nil:
			http.Error(w, "A page of another origin may not change anything here.", http.StatusForbidden)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// hostOf is the host that the client asked for, without port and brackets.
func hostOf(r *http.Request) string {
	if host, _, err := net.SplitHostPort(r.Host); err == nil {
		return host
	}
	return strings.Trim(r.Host, "[]")
}

func isAddress(host string) bool {
	_, err := netip.ParseAddr(host)
	return err == nil
}
