package main

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"

	"github.com/alecthomas/kong"

	"tollgate/fakes/upstash"
	"tollgate/fakes/upstash/plan"
)

const description = "A fake Upstash Redis on this machine: REST API and Redis protocol on one data set in memory, " +
	"with an account of what Upstash would bill. Stop it with Ctrl-C to read the account."

var defaults = kong.Vars{
	"rest": "127.0.0.1:8079", "redis": "127.0.0.1:6379", "admin": "127.0.0.1:8078",
	"token": "local-token", "password": "local-password",
	"plans": strings.Join(plan.Names(), ", "),
}

// options are the flags. Each has its environment variable.
type options struct {
	RESTAddr      string `name:"rest-addr"       env:"UPSTASH_FAKE_REST_ADDR"            default:"${rest}"     placeholder:"HOST:PORT" help:"Where the REST API listens, plain HTTP (${default}). Port 0 picks one."`
	RedisAddr     string `name:"redis-addr"      env:"UPSTASH_FAKE_REDIS_ADDR"           default:"${redis}"    placeholder:"HOST:PORT" help:"Where the Redis protocol listens, without TLS (${default})."`
	TLSAddr       string `name:"tls-addr"        env:"UPSTASH_FAKE_TLS_ADDR"                                   placeholder:"HOST:PORT" help:"Where the Redis protocol listens with TLS and a certificate of its own making. Off unless given."`
	AdminAddr     string `name:"admin-addr"      env:"UPSTASH_FAKE_ADMIN_ADDR"           default:"${admin}"    placeholder:"HOST:PORT" help:"Where the account is shown (${default}). No password: keep it local."`
	Token         string `name:"token"           env:"UPSTASH_REDIS_REST_TOKEN"          default:"${token}"    placeholder:"TOKEN"     help:"Token of the REST API (${default})."`
	ReadOnlyToken string `name:"read-only-token" env:"UPSTASH_REDIS_REST_READONLY_TOKEN"                       placeholder:"TOKEN"     help:"A second token that may only read. None unless given."`
	Password      string `name:"password"        env:"UPSTASH_FAKE_PASSWORD"             default:"${password}" placeholder:"PASSWORD"  help:"Password of the Redis user default (${default})."`
	Plan          string `name:"plan"            env:"UPSTASH_FAKE_PLAN"                 default:"payg"        placeholder:"NAME"      help:"Limits to keep and price to show: ${plans} (${default})."`
}

// Validate is called by kong once the flags are read.
func (o options) Validate() error {
	var wrong []string
	for _, addr := range []struct{ flag, value string }{
		{"--rest-addr", o.RESTAddr}, {"--redis-addr", o.RedisAddr}, {"--tls-addr", o.TLSAddr}, {"--admin-addr", o.AdminAddr},
	} {
		if addr.value == "" && addr.flag == "--tls-addr" {
			continue
		}
		if _, _, err := net.SplitHostPort(addr.value); err != nil {
			wrong = append(wrong, fmt.Sprintf("%s %q: give host:port, such as 127.0.0.1:0", addr.flag, addr.value))
		}
	}
	if _, err := plan.Lookup(o.Plan); err != nil {
		wrong = append(wrong, fmt.Sprintf("--plan %q: choose one of %s", o.Plan, strings.Join(plan.Names(), ", ")))
	}
	if o.Token == "" {
		wrong = append(wrong, "--token is empty: give one, or leave the flag out")
	}
	if o.Password == "" {
		wrong = append(wrong, "--password is empty: give one, or leave the flag out")
	}
	if o.Token != "" && o.Token == o.ReadOnlyToken {
		wrong = append(wrong, "--read-only-token is the same as --token: give another")
	}
	if len(wrong) > 0 {
		return errors.New(strings.Join(wrong, "; "))
	}
	return nil
}

// config is what the flags mean, which Validate has found to be right.
func (o options) config(log *slog.Logger) upstash.Config {
	limits, _ := plan.Lookup(o.Plan)
	cfg := upstash.Config{
		RESPAddr: o.RedisAddr, TLSAddr: o.TLSAddr, RESTAddr: o.RESTAddr, AdminAddr: o.AdminAddr,
		Tokens: []upstash.Token{{Value: o.Token, Component: "rest"}},
		Users:  []upstash.User{{Name: "default", Password: o.Password}},
		Plan:   limits,
		Logger: log,
	}
	if o.ReadOnlyToken != "" {
		cfg.Tokens = append(cfg.Tokens, upstash.Token{Value: o.ReadOnlyToken, Component: "rest-read-only", ReadOnly: true})
	}
	return cfg
}
