package engine

import (
	"errors"
	"fmt"
	"net"
	"net/url"
)

// defaultPort is Redis's.
const defaultPort = "6379"

// address is where a Redis is and how to log in there.
type address struct {
	host, port     string
	tls            bool
	user, password string
}

// errNotRedisURL never holds the URL: there may be a password in it.
var errNotRedisURL = errors.New("engine: not the URL of a Redis: want redis://[[user]:password@]host[:port], or rediss:// for TLS")

// parseAddress reads the URL of a Redis. No error shows the password.
func parseAddress(raw string) (address, error) {
	u, err := url.Parse(raw)
	if err != nil || u.Hostname() == "" || u.Opaque != "" {
		return address{}, errNotRedisURL // url.Parse's error holds the URL
	}
	a := address{host: u.Hostname(), port: u.Port(), tls: u.Scheme == "rediss"}
	if a.port == "" {
		a.port = defaultPort
	}
	if u.User != nil {
		a.user = u.User.Username()
		a.password, _ = u.User.Password()
	}
	switch {
	case u.Scheme != "redis" && u.Scheme != "rediss":
		return address{}, fmt.Errorf("%w; its scheme is %q", errNotRedisURL, u.Scheme)
	case u.Path != "" && u.Path != "/" && u.Path != "/0":
		return address{}, fmt.Errorf("engine: the URL of %v asks for database %q: Upstash has database 0 only; leave it out", a, u.Path[1:])
	case u.RawQuery != "" || u.Fragment != "":
		return address{}, fmt.Errorf("engine: the URL of %v has options: there are none; leave them out", a)
	case a.user != "" && a.password == "":
		return address{}, fmt.Errorf("engine: the URL of %v names user %q without a password: want redis://user:password@host", a, a.user)
	}
	return a, nil
}

// hostPort is what to dial.
func (a address) hostPort() string { return net.JoinHostPort(a.host, a.port) }

// String is the URL without user and password.
func (a address) String() string {
	if a.tls {
		return "rediss://" + a.hostPort()
	}
	return "redis://" + a.hostPort()
}
