package main

import (
	"errors"
	"fmt"

	"tollgate/loadgen/cachetarget"
	"tollgate/loadgen/httptarget"
	"tollgate/system/cache"
	"tollgate/system/restredis"
)

// The environment variables that open the cache.
const (
	urlVariable   = "UPSTASH_REDIS_REST_URL"
	tokenVariable = "UPSTASH_REDIS_REST_TOKEN"
)

// cacheConns caps the connections to Upstash: cache commands take milliseconds,
// so these carry thousands a second.
const cacheConns = 32

// openCache connects the cache operations of the load to Upstash. It returns nil
// when neither variable is set; close is never nil.
func openCache(getenv func(string) string) (target httptarget.Cache, closeCache func(), err error) {
	nothing := func() {}
	url, token := getenv(urlVariable), getenv(tokenVariable)
	switch {
	case url == "" && token == "":
		return nil, nothing, nil
	case url == "":
		return nil, nothing, fmt.Errorf("%s is set, but %s is not; set both, or none to leave cache operations out", tokenVariable, urlVariable)
	case token == "":
		return nil, nothing, fmt.Errorf("%s is set, but %s is not; set both, or none to leave cache operations out", urlVariable, tokenVariable)
	}
	client, err := restredis.New(restredis.Config{URL: url, Token: token, Component: "loadgen", MaxConns: cacheConns})
	if err != nil {
		return nil, nothing, fmt.Errorf("%s, %s: %w", urlVariable, tokenVariable, err)
	}
	values, err := cache.New(cache.Config{Store: client, Prefix: "loadgen:"})
	if err != nil {
		return nil, nothing, errors.Join(err, client.Close())
	}
	t, err := cachetarget.New(values, 0)
	if err != nil {
		return nil, nothing, errors.Join(err, client.Close())
	}
	return t, func() {
		values.Close()
		_ = client.Close() // everything was answered; there is nothing left to lose
	}, nil
}
