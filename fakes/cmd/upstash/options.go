package main

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"tollgate/fakes/upstash"
	"tollgate/fakes/upstash/faults"
	"tollgate/fakes/upstash/plan"
)

const description = "A fake Upstash Redis on this machine: the REST API and the Redis protocol, with an account of what " +
	"Upstash would bill. The data is in memory, or, with --upstream, in a Redis of yours: then this is a meter in front of it. " +
	"Stop it with Ctrl-C to read the account, or open the admin address in a browser while it runs."

var defaults = kong.Vars{
	"rest": "127.0.0.1:8079", "redis": "127.0.0.1:6379", "admin": "127.0.0.1:8078",
	"token": "local-token", "password": "local-password",
	"plans": strings.Join(plan.Names(), ", "),
}

// options are the flags. Each has its environment variable.
type options struct {
	RESTAddr  string `name:"rest-addr"  env:"UPSTASH_FAKE_REST_ADDR"  default:"${rest}"  placeholder:"HOST:PORT" group:"Where it listens:" help:"The REST API, plain HTTP (${default}). Port 0 picks one."`
	RedisAddr string `name:"redis-addr" env:"UPSTASH_FAKE_REDIS_ADDR" default:"${redis}" placeholder:"HOST:PORT" group:"Where it listens:" help:"The Redis protocol, without TLS (${default})."`
	TLSAddr   string `name:"tls-addr"   env:"UPSTASH_FAKE_TLS_ADDR"                      placeholder:"HOST:PORT" group:"Where it listens:" help:"The Redis protocol with TLS and a certificate of its own making. Off unless given."`
	AdminAddr string `name:"admin-addr" env:"UPSTASH_FAKE_ADMIN_ADDR" default:"${admin}" placeholder:"HOST:PORT" group:"Where it listens:" help:"The account, as a page, JSON and Prometheus metrics (${default}). No password: keep it local."`

	Token         string `name:"token"           env:"UPSTASH_REDIS_REST_TOKEN"          default:"${token}"    placeholder:"TOKEN"    group:"Who gets in:" help:"Token of the REST API (${default})."`
	ReadOnlyToken string `name:"read-only-token" env:"UPSTASH_REDIS_REST_READONLY_TOKEN"                       placeholder:"TOKEN"    group:"Who gets in:" help:"A second token that may only read. None unless given."`
	Password      string `name:"password"        env:"UPSTASH_FAKE_PASSWORD"             default:"${password}" placeholder:"PASSWORD" group:"Who gets in:" help:"Password of the Redis user default (${default})."`

	Upstream string `name:"upstream" env:"UPSTASH_FAKE_UPSTREAM" placeholder:"URL"  group:"Where the data is:" help:"A Redis or Upstash database to stand in front of: redis://user:password@host:6379, or rediss:// with TLS. Its password is never shown; in the environment variable it is not in the list of processes either."`
	Data     string `name:"data"     env:"UPSTASH_FAKE_DATA"     placeholder:"FILE" group:"Where the data is:" help:"Load the data from this file at the start, if it is there, and save it there at the end. Without it nothing is kept."`

	Plan             string `name:"plan"              env:"UPSTASH_FAKE_PLAN"              default:"payg" placeholder:"NAME" group:"What is billed:" help:"Limits to keep and price to show: ${plans} (${default})."`
	ReadRegions      int    `name:"read-regions"      env:"UPSTASH_FAKE_READ_REGIONS"      placeholder:"N" group:"What is billed:" help:"How many read regions there are: each write is billed once more for each of them (0)."`
	LuaOuterOnly     bool   `name:"lua-outer-only"    env:"UPSTASH_FAKE_LUA_OUTER_ONLY"    group:"What is billed:" help:"Bill a script as one command, whatever it calls."`
	FreeTransactions bool   `name:"free-transactions" env:"UPSTASH_FAKE_FREE_TRANSACTIONS" group:"What is billed:" help:"Do not bill MULTI, EXEC and DISCARD."`
	FreeClient       bool   `name:"free-client"       env:"UPSTASH_FAKE_FREE_CLIENT"       group:"What is billed:" help:"Do not bill CLIENT."`
	FreeFailures     bool   `name:"free-failures"     env:"UPSTASH_FAKE_FREE_FAILURES"     group:"What is billed:" help:"Do not bill what is answered with an error."`

	Faults []string `name:"fault" env:"UPSTASH_FAKE_FAULTS" sep:"none" placeholder:"SPEC" group:"What goes wrong:" help:"A fault, such as latency,delay=200ms,component=cache or failover,every=1h,downtime=5s. May be given more than once. More at /faults of the admin address while it runs."`
	Seed   uint64   `name:"seed"  env:"UPSTASH_FAKE_SEED"             placeholder:"N"    group:"What goes wrong:" help:"Seed of what faults leave to chance (0)."`

	IdleTimeout time.Duration `name:"idle-timeout" env:"UPSTASH_FAKE_IDLE_TIMEOUT" placeholder:"DURATION" group:"What goes wrong:" help:"Close TCP connections that have been idle for so long, such as 310s. Never unless given."`

	JSON bool `name:"json" env:"UPSTASH_FAKE_JSON" group:"What is printed:" help:"Print the account as JSON, and nothing else to the standard output."`
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
	limits, err := plan.Lookup(o.Plan)
	if err != nil {
		wrong = append(wrong, fmt.Sprintf("--plan %q: choose one of %s", o.Plan, strings.Join(plan.Names(), ", ")))
	}
	if most := limits.MaxReadRegions; o.ReadRegions < 0 || most > 0 && o.ReadRegions > most {
		wrong = append(wrong, fmt.Sprintf("--read-regions %d: give 0 or more, on plan free 1 at most", o.ReadRegions))
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
	for _, spec := range o.Faults {
		if _, err := faults.ParseSpec(spec); err != nil {
			wrong = append(wrong, fmt.Sprintf("--fault %q: %v", spec, err))
		}
	}
	if o.IdleTimeout < 0 {
		wrong = append(wrong, fmt.Sprintf("--idle-timeout %v: give 0 or more", o.IdleTimeout))
	}
	if o.Upstream != "" && o.Data != "" {
		wrong = append(wrong, "--data goes with data in memory: with --upstream the data is there; leave one of them out")
	}
	if len(wrong) > 0 {
		return errors.New(strings.Join(wrong, "; "))
	}
	return nil
}

// exposed names the flags of addresses that others than this machine reach, while the secret that opens them is the
// one that is in this program's documentation.
func (o options) exposed() (flags []string) {
	for _, door := range []struct {
		flag, addr string
		published  bool
	}{
		{"--rest-addr", o.RESTAddr, o.Token == defaults["token"]},
		{"--redis-addr", o.RedisAddr, o.Password == defaults["password"]},
		{"--tls-addr", o.TLSAddr, o.Password == defaults["password"]},
		{"--admin-addr", o.AdminAddr, true},
	} {
		host, _, err := net.SplitHostPort(door.addr)
		if local := host == "localhost" || net.ParseIP(host).IsLoopback(); err == nil && door.published && !local {
			flags = append(flags, door.flag)
		}
	}
	return flags
}

// config is what the flags mean, which Validate has found to be right.
func (o options) config(log *slog.Logger) upstash.Config {
	limits, _ := plan.Lookup(o.Plan)
	cfg := upstash.Config{
		RESPAddr: o.RedisAddr, TLSAddr: o.TLSAddr, RESTAddr: o.RESTAddr, AdminAddr: o.AdminAddr,
		Tokens: []upstash.Token{{Value: o.Token, Component: "rest"}},
		Users:  []upstash.User{{Name: "default", Password: o.Password}},
		Plan:   limits,
		Billing: upstash.Billing{
			LuaOuterOnly: o.LuaOuterOnly, FreeTransactions: o.FreeTransactions, FreeClient: o.FreeClient,
			FreeFailures: o.FreeFailures, ReadRegions: o.ReadRegions,
		},
		Logger:      log,
		IdleTimeout: o.IdleTimeout,
		Seed:        o.Seed,
		HashTags:    true,
	}
	if o.ReadOnlyToken != "" {
		cfg.Tokens = append(cfg.Tokens, upstash.Token{Value: o.ReadOnlyToken, Component: "rest-read-only", ReadOnly: true})
	}
	return cfg
}
