package main

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"tollgate/loadgen"
	"tollgate/loadgen/httptarget"
	"tollgate/loadgen/profiles"
	"tollgate/loadgen/redistarget"
)

// restPrefix marks the address of a database, as http:// alone is that of a service.
const restPrefix = "rest+"

// target is where a load goes.
type target struct {
	sender
	what    string // "the service", for messages
	address string // without credentials
	// fit leaves out of a profile what cannot be done, and says what and why, "" for nothing.
	fit   func(profiles.Profile) (profiles.Profile, string)
	close func()
}

// sender is what the targets have in common.
type sender interface {
	loadgen.Target
	Healthy(ctx context.Context) error
}

// open makes the target that the flags name. Nothing is sent yet.
func (c runCommand) open(getenv func(string) string) (target, error) {
	scheme, _, _ := strings.Cut(c.Target, "://")
	rest := strings.HasPrefix(scheme, restPrefix)
	if c.Token != "" && !rest {
		return target{}, fmt.Errorf("--token is for a database over REST, and --target is not; write --target %shttps://HOST", restPrefix)
	}
	switch {
	case rest:
		return c.openREST(getenv)
	case scheme == "redis" || scheme == "rediss":
		return c.openTCP()
	default:
		return c.openService(getenv)
	}
}

func (c runCommand) openService(getenv func(string) string) (target, error) {
	cache, closeCache, err := openCache(getenv)
	if err != nil {
		return target{}, err
	}
	service, err := httptarget.New(httptarget.Config{BaseURL: c.Target, Cache: cache, MaxConns: max(0, c.MaxInFlight)})
	if err != nil {
		closeCache()
		return target{}, err
	}
	return target{
		sender: service, what: "the service", address: shown(c.Target),
		fit: func(p profiles.Profile) (profiles.Profile, string) {
			n := p.DirectCache().Sum()
			if cache != nil || n == 0 {
				return p, ""
			}
			return p.WithoutCache(), fmt.Sprintf("%d cache operations are left out: %s and %s are not set", n, urlVariable, tokenVariable)
		},
		close: func() {
			service.Close()
			closeCache()
		},
	}, nil
}

func (c runCommand) openTCP() (target, error) {
	redis, err := redistarget.NewTCP(redistarget.TCPConfig{URL: c.Target, Conns: max(0, c.MaxInFlight)})
	if err != nil {
		return target{}, err
	}
	return target{
		sender: redis, what: "a Redis", address: shown(c.Target),
		fit: func(p profiles.Profile) (profiles.Profile, string) {
			if p.APIRequests == 0 {
				return p, ""
			}
			return p.WithoutRequests(), fmt.Sprintf("%d API requests are left out: a Redis has no API", p.APIRequests)
		},
		close: func() { _ = redis.Close() }, // everything was answered; there is nothing left to lose
	}, nil
}

func (c runCommand) openREST(getenv func(string) string) (target, error) {
	token := c.Token
	if token == "" {
		token = getenv(tokenVariable)
	}
	if token == "" {
		return target{}, fmt.Errorf("%s... needs a token: set %s, or give --token", restPrefix, tokenVariable)
	}
	redis, err := redistarget.NewREST(redistarget.RESTConfig{
		URL: strings.TrimPrefix(c.Target, restPrefix), Token: token, Conns: max(0, c.MaxInFlight),
	})
	if err != nil {
		return target{}, err
	}
	return target{
		sender: redis, what: "the database", address: shown(c.Target),
		fit: func(p profiles.Profile) (profiles.Profile, string) {
			jobs := p.JobCount()
			if jobs+p.APIRequests == 0 {
				return p, ""
			}
			return p.WithoutJobs().WithoutRequests(), fmt.Sprintf("%d jobs and %d API requests are left out: "+
				"a database over REST takes cache operations only", jobs, p.APIRequests)
		},
		close: func() { _ = redis.Close() },
	}, nil
}

// shown is an address without credentials.
func shown(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "the target"
	}
	u.User = nil
	return u.String()
}
