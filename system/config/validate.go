package config

import (
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxWindow is the longest window of a limiter. Every other duration has its
// bound where it is checked; a value beyond one is a slip of the pen, such as
// hours for seconds, that would show as a service that hangs.
const maxWindow = 31 * 24 * time.Hour

// findings collects the problems of one configuration.
type findings struct {
	list []Problem
}

// problems returns everything that is wrong with the configuration.
func (c Config) problems() []Problem {
	var f findings
	f.stage(c)
	f.endpoints(c)
	f.limits(c)
	f.worker(c)
	f.thrift(c)
	f.providers(c.Providers)
	return f.list
}

func (f *findings) add(name, shownValue, advice string) {
	f.list = append(f.list, Problem{name, shownValue, advice})
}

func (f *findings) stage(c Config) {
	if !slices.Contains(Stages(), c.Stage) {
		f.add("STAGE", shown(string(c.Stage)), "set it to "+names(Stages()))
	}
	if c.KVTransport != "" && !slices.Contains(Transports(), c.KVTransport) {
		f.add("KV_TRANSPORT", shown(string(c.KVTransport)), "unset it for the stage's transport, or set it to "+names(Transports()))
	}
	if c.WorkerSet != "" && !slices.Contains(WorkerSets(), c.WorkerSet) {
		f.add("WORKER_SET", shown(string(c.WorkerSet)), "unset it for the stage's worker set, or set it to "+names(WorkerSets()))
	}
	if c.SoleProcess && c.Stage == StageLegacy {
		f.add("SOLE_PROCESS", shown("true"), "the legacy stage asks Redis each time; unset it, or set STAGE to phase1 or later")
	}
}

func (f *findings) endpoints(c Config) {
	if _, port, err := net.SplitHostPort(c.HTTPAddr); err != nil || !validPort(port, 0) {
		f.add("HTTP_ADDR", shown(c.HTTPAddr), "not host:port; write :8080 or 127.0.0.1:8080")
	}
	if c.Plan().UsesREST() {
		f.address("UPSTASH_REDIS_REST_URL", c.REST.URL, "copy it from the database's page in the Upstash console, it starts with https://")
		f.credential("UPSTASH_REDIS_REST_TOKEN", c.REST.Token, "copy it from the database's page in the Upstash console")
	}
	switch {
	case c.Redis.Host == "":
		f.add("REDIS_HOST", "", "set the host name of the Redis server; the queues need it in every stage")
	case strings.ContainsAny(c.Redis.Host, "/@ \t\r\n") || (strings.Contains(c.Redis.Host, ":") && net.ParseIP(c.Redis.Host) == nil):
		f.add("REDIS_HOST", shown(c.Redis.Host), "not a host name; leave scheme, user and port out (REDIS_PORT sets the port)")
	}
	if c.Redis.Port < 1 || c.Redis.Port > 65535 {
		f.add("REDIS_PORT", strconv.Quote(strconv.Itoa(c.Redis.Port)), "not a port; set one from 1 to 65535")
	}
	anonymous := c.Redis.Username == "" || c.Redis.Username == DefaultRedisUser
	if c.Redis.TLS || c.Redis.Password != "" || !anonymous {
		f.credential("REDIS_PASSWORD", c.Redis.Password, "set the password of the database; only the default user of a server without TLS (REDIS_TLS=false) may go without")
	}
}

func (f *findings) limits(c Config) {
	f.positive("API_RATE_LIMIT", c.API.Limit)
	f.duration("API_RATE_WINDOW", c.API.Window, time.Millisecond, maxWindow)
	f.positive("SMS_RATE_LIMIT", c.SMS.Limit)
	f.duration("SMS_RATE_WINDOW", c.SMS.Window, time.Millisecond, maxWindow)
	f.duration("NEAR_CACHE_TTL", c.Cache.NearTTL, 0, time.Minute)
	f.positive("NEAR_CACHE_SIZE", c.Cache.NearSize)
	f.duration("CACHE_GATHER", c.Cache.Gather, 0, time.Second)
	f.duration("HEALTH_TIMEOUT", c.Health.Timeout, time.Millisecond, time.Minute)
}

func (f *findings) worker(c Config) {
	f.positive("WORKER_CONCURRENCY", c.Worker.Concurrency)
	f.duration("TASK_CHECK_INTERVAL", c.Worker.TaskCheckInterval, time.Millisecond, time.Minute)
	f.duration("DELAYED_TASK_CHECK_INTERVAL", c.Worker.DelayedTaskCheckInterval, time.Millisecond, time.Hour)
	f.duration("RETRY_BASE", c.Worker.RetryBase, time.Millisecond, 10*time.Minute)
	f.duration("SHUTDOWN_TIMEOUT", c.Worker.ShutdownTimeout, time.Millisecond, 10*time.Minute)
}

func (f *findings) thrift(c Config) {
	level := c.Thrift.Level
	switch {
	case level != "" && !slices.Contains(ThriftLevels(), level):
		f.add("THRIFT", shown(string(level)), "unset it for the stage's level, or set it to "+names(ThriftLevels()))
	case level != "" && level != ThriftOff && c.Plan().WorkerSet == WorkerSetPerQueue:
		f.add("THRIFT", shown(string(level)), "only the shared worker set has it; unset it, or set WORKER_SET=shared")
	}
	f.duration("THRIFT_SURVEY_INTERVAL", c.Thrift.SurveyInterval, time.Second, 24*time.Hour)
	f.duration("THRIFT_FULL_SURVEY_INTERVAL", c.Thrift.FullSurveyInterval, time.Second, 7*24*time.Hour)
	f.duration("THRIFT_HEARTBEAT_INTERVAL", c.Thrift.HeartbeatInterval, 5*time.Second, 24*time.Hour)
	f.duration("THRIFT_STATISTICS_INTERVAL", c.Thrift.StatisticsInterval, time.Second, 24*time.Hour)
}

func (f *findings) providers(p Providers) {
	const google, twilio = "copy it from the Google Cloud console", "copy it from the Twilio console"
	f.address("GOOGLE_OAUTH_URL", p.OAuthURL, "unset it for Google's own")
	f.address("GOOGLE_CALENDAR_URL", p.CalendarURL, "unset it for Google's own")
	f.address("GOOGLE_PEOPLE_URL", p.PeopleURL, "unset it for Google's own")
	f.text("GOOGLE_CLIENT_ID", p.ClientID, google)
	f.credential("GOOGLE_CLIENT_SECRET", p.ClientSecret, google)
	f.address("TWILIO_URL", p.SMSURL, "unset it for Twilio's own")
	f.text("TWILIO_ACCOUNT_SID", p.AccountSID, twilio)
	f.credential("TWILIO_AUTH_TOKEN", p.AuthToken, twilio)
	f.text("TWILIO_FROM", p.SMSFrom, "set the number that messages are sent from, such as +15550100")
	f.address("SUGGEST_URL", p.SuggestURL, "set the URL of the text suggestion endpoint")
	if p.SuggestToken != "" {
		f.credential("SUGGEST_TOKEN", p.SuggestToken, "copy it again, or unset it")
	}
	f.duration("PROVIDER_TIMEOUT", p.Timeout, time.Millisecond, 10*time.Minute)
}

// positive requires a number of at least 1.
func (f *findings) positive(name string, value int) {
	if value < 1 {
		f.add(name, strconv.Quote(strconv.Itoa(value)), "too small; set 1 or more")
	}
}

// duration requires a duration from low to high.
func (f *findings) duration(name string, value, low, high time.Duration) {
	switch {
	case value < low:
		f.add(name, strconv.Quote(value.String()), fmt.Sprintf("too short; set %v or more", low))
	case value > high:
		f.add(name, strconv.Quote(value.String()), fmt.Sprintf("too long; set %v or less", high))
	}
}

// text requires a value without white space at its ends.
func (f *findings) text(name, value, advice string) {
	switch {
	case value == "":
		f.add(name, "", advice)
	case value != strings.TrimSpace(value):
		f.add(name, shown(value), "white space around the value; remove it")
	}
}

// credential is text whose value is never shown.
func (f *findings) credential(name string, value Secret, advice string) {
	switch {
	case value == "":
		f.add(name, "", advice)
	case string(value) != strings.TrimSpace(string(value)):
		f.add(name, hidden, "white space around the value; remove it")
	case strings.ContainsAny(string(value), "\r\n\x00"):
		f.add(name, hidden, "more than one line; "+advice)
	}
}

// address requires an absolute http or https URL without credentials.
func (f *findings) address(name, value, advice string) {
	if value == "" {
		f.add(name, "", advice)
		return
	}
	u, err := url.Parse(value)
	switch {
	case err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https"):
		f.add(name, shown(value), "not an http or https URL; "+advice)
	case u.User != nil:
		f.add(name, shown(value), "credentials inside the URL; remove them, a token has its own variable")
	case u.RawQuery != "" || u.Fragment != "":
		f.add(name, shown(value), "query or fragment in the URL; remove it")
	}
}

// validPort reports whether s is a port number from low to 65535.
func validPort(s string, low int) bool {
	n, err := strconv.Atoi(s)
	return err == nil && n >= low && n <= 65535
}
