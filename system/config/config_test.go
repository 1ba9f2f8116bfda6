package config_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/system/config"
	"tollgate/system/thrift"
)

// complete is an environment that sets what has no default.
func complete() map[string]string {
	return map[string]string{
		"STAGE":                    "phase2",
		"UPSTASH_REDIS_REST_URL":   "https://eu1-calm-fox-1.upstash.io",
		"UPSTASH_REDIS_REST_TOKEN": "rest-s3cret",
		"REDIS_HOST":               "eu1-calm-fox-1.upstash.io",
		"REDIS_PASSWORD":           "tcp-s3cret",
		"GOOGLE_CLIENT_ID":         "client.apps.googleusercontent.com",
		"GOOGLE_CLIENT_SECRET":     "google-s3cret",
		"TWILIO_ACCOUNT_SID":       "AC1",
		"TWILIO_AUTH_TOKEN":        "twilio-s3cret",
		"TWILIO_FROM":              "+15550100",
		"SUGGEST_URL":              "https://suggest.example.com/v1",
	}
}

// with returns the complete environment changed by pairs of variable and value.
func with(pairs ...string) map[string]string {
	environ := complete()
	for i := 0; i < len(pairs); i += 2 {
		environ[pairs[i]] = pairs[i+1]
	}
	return environ
}

func TestLoadTakesDefaultsForUnsetAndEmptyVariables(t *testing.T) {
	cfg, err := config.Load(with("HTTP_ADDR", "", "REDIS_PORT", ""))
	require.NoError(t, err)

	want := config.Default()
	want.Stage = config.StagePhase2
	want.REST = config.REST{URL: "https://eu1-calm-fox-1.upstash.io", Token: "rest-s3cret"}
	want.Redis.Host, want.Redis.Password = "eu1-calm-fox-1.upstash.io", "tcp-s3cret"
	want.Providers.ClientID, want.Providers.ClientSecret = "client.apps.googleusercontent.com", "google-s3cret"
	want.Providers.AccountSID, want.Providers.AuthToken = "AC1", "twilio-s3cret"
	want.Providers.SMSFrom, want.Providers.SuggestURL = "+15550100", "https://suggest.example.com/v1"
	require.Equal(t, want, cfg)
	require.Equal(t, 6379, cfg.Redis.Port)
	require.True(t, cfg.Redis.TLS)
	require.NoError(t, cfg.Validate())
}

func TestLoadReadsEveryVariable(t *testing.T) {
	environ := with(
		"STAGE", "phase1", "KV_TRANSPORT", "rest", "WORKER_SET", "shared", "SOLE_PROCESS", "true", "HTTP_ADDR", "127.0.0.1:0",
		"REDIS_PORT", "7000", "REDIS_USERNAME", "ops", "REDIS_TLS", "false",
		"API_RATE_LIMIT", "7", "API_RATE_WINDOW", "2m", "SMS_RATE_LIMIT", "8", "SMS_RATE_WINDOW", "3h",
		"WORKER_CONCURRENCY", "9", "TASK_CHECK_INTERVAL", "11ms", "DELAYED_TASK_CHECK_INTERVAL", "12ms",
		"RETRY_BASE", "13ms", "SHUTDOWN_TIMEOUT", "14s", "NEAR_CACHE_TTL", "0s", "NEAR_CACHE_SIZE", "15",
		"THRIFT", "lean", "THRIFT_WAKE", "false", "THRIFT_SURVEY_INTERVAL", "18s", "THRIFT_FULL_SURVEY_INTERVAL", "19s",
		"THRIFT_HEARTBEAT_INTERVAL", "20s", "THRIFT_STATISTICS_INTERVAL", "21s",
		"CACHE_GATHER", "0s", "HEALTH_TIMEOUT", "16s", "GOOGLE_OAUTH_URL", "http://127.0.0.1:1/token",
		"GOOGLE_CALENDAR_URL", "http://127.0.0.1:2", "GOOGLE_PEOPLE_URL", "http://127.0.0.1:3",
		"TWILIO_URL", "http://127.0.0.1:4", "SUGGEST_TOKEN", "suggest-s3cret", "PROVIDER_TIMEOUT", "17s",
	)
	cfg, err := config.Load(environ)
	require.NoError(t, err)
	require.Equal(t, config.Config{
		Stage: config.StagePhase1, KVTransport: config.TransportREST, WorkerSet: config.WorkerSetShared, SoleProcess: true, HTTPAddr: "127.0.0.1:0",
		REST:  config.REST{URL: "https://eu1-calm-fox-1.upstash.io", Token: "rest-s3cret"},
		Redis: config.Redis{Host: "eu1-calm-fox-1.upstash.io", Port: 7000, Username: "ops", Password: "tcp-s3cret"},
		API:   config.Limit{Limit: 7, Window: 2 * time.Minute},
		SMS:   config.Limit{Limit: 8, Window: 3 * time.Hour},
		Worker: config.Worker{
			Concurrency: 9, TaskCheckInterval: 11 * time.Millisecond, DelayedTaskCheckInterval: 12 * time.Millisecond,
			RetryBase: 13 * time.Millisecond, ShutdownTimeout: 14 * time.Second,
		},
		Thrift: config.Thrift{
			Level: config.ThriftLean, SurveyInterval: 18 * time.Second, FullSurveyInterval: 19 * time.Second,
			HeartbeatInterval: 20 * time.Second, StatisticsInterval: 21 * time.Second,
		},
		Cache:  config.Cache{NearSize: 15},
		Health: config.Health{Timeout: 16 * time.Second},
		Providers: config.Providers{
			OAuthURL: "http://127.0.0.1:1/token", CalendarURL: "http://127.0.0.1:2", PeopleURL: "http://127.0.0.1:3",
			ClientID: "client.apps.googleusercontent.com", ClientSecret: "google-s3cret",
			SMSURL: "http://127.0.0.1:4", AccountSID: "AC1", SMSFrom: "+15550100", AuthToken: "twilio-s3cret",
			SuggestURL: "https://suggest.example.com/v1", SuggestToken: "suggest-s3cret", Timeout: 17 * time.Second,
		},
	}, cfg)
}

func TestLoadReportsOneProblem(t *testing.T) {
	tests := map[string]struct {
		variable, value, want string
	}{
		"unknown stage":         {"STAGE", "phase9", `STAGE="phase9": set it to legacy, phase1, phase2 or phase3`},
		"no stage":              {"STAGE", "", `STAGE is not set: set it to legacy, phase1, phase2 or phase3`},
		"unknown transport":     {"KV_TRANSPORT", "udp", `KV_TRANSPORT="udp": unset it for the stage's transport, or set it to tcp or rest`},
		"unknown worker set":    {"WORKER_SET", "all", `WORKER_SET="all": unset it for the stage's worker set, or set it to per-queue or shared`},
		"sole is a word":        {"SOLE_PROCESS", "yes", `SOLE_PROCESS="yes": neither true nor false; write one of them`},
		"address without port":  {"HTTP_ADDR", "localhost", `HTTP_ADDR="localhost": not host:port; write :8080 or 127.0.0.1:8080`},
		"no REST URL":           {"UPSTASH_REDIS_REST_URL", "", `UPSTASH_REDIS_REST_URL is not set: copy it from the database's page in the Upstash console, it starts with https://`},
		"REST URL of TCP":       {"UPSTASH_REDIS_REST_URL", "rediss://default:pw@host:6379", `UPSTASH_REDIS_REST_URL="rediss://host:6379" (rest hidden): not an http or https URL; copy it from the database's page in the Upstash console, it starts with https://`},
		"REST URL, user":        {"UPSTASH_REDIS_REST_URL", "https://pw@host", `UPSTASH_REDIS_REST_URL="https://host" (rest hidden): credentials inside the URL; remove them, a token has its own variable`},
		"REST URL, query":       {"UPSTASH_REDIS_REST_URL", "https://host?_token=pw", `UPSTASH_REDIS_REST_URL="https://host" (rest hidden): query or fragment in the URL; remove it`},
		"REST URL, broken":      {"UPSTASH_REDIS_REST_URL", "://u:pw@", `UPSTASH_REDIS_REST_URL=(hidden): not an http or https URL; copy it from the database's page in the Upstash console, it starts with https://`},
		"no REST token":         {"UPSTASH_REDIS_REST_TOKEN", "", `UPSTASH_REDIS_REST_TOKEN is not set: copy it from the database's page in the Upstash console`},
		"REST token, newline":   {"UPSTASH_REDIS_REST_TOKEN", "pw\n", `UPSTASH_REDIS_REST_TOKEN=(hidden): white space around the value; remove it`},
		"REST token, two lines": {"UPSTASH_REDIS_REST_TOKEN", "pw\npw", `UPSTASH_REDIS_REST_TOKEN=(hidden): more than one line; copy it from the database's page in the Upstash console`},
		"no host":               {"REDIS_HOST", "", `REDIS_HOST is not set: set the host name of the Redis server; the queues need it in every stage`},
		"host with port":        {"REDIS_HOST", "host:6379", `REDIS_HOST="host:6379": not a host name; leave scheme, user and port out (REDIS_PORT sets the port)`},
		"host is a URL":         {"REDIS_HOST", "rediss://u:pw@host", `REDIS_HOST="rediss://host" (rest hidden): not a host name; leave scheme, user and port out (REDIS_PORT sets the port)`},
		"port is a word":        {"REDIS_PORT", "redis", `REDIS_PORT="redis": not a whole number; write digits only, such as 10`},
		"port too large":        {"REDIS_PORT", "70000", `REDIS_PORT="70000": not a port; set one from 1 to 65535`},
		"no password":           {"REDIS_PASSWORD", "", `REDIS_PASSWORD is not set: set the password of the database; only the default user of a server without TLS (REDIS_TLS=false) may go without`},
		"TLS is a word":         {"REDIS_TLS", "yes", `REDIS_TLS="yes": neither true nor false; write one of them`},
		"negative count":        {"API_RATE_LIMIT", "-5", `API_RATE_LIMIT="-5": too small; set 1 or more`},
		"duration without unit": {"SMS_RATE_WINDOW", "10", `SMS_RATE_WINDOW="10": not a duration; write a number with its unit, such as 250ms, 10s or 1h`},
		"negative duration":     {"NEAR_CACHE_TTL", "-1s", `NEAR_CACHE_TTL="-1s": too short; set 0s or more`},
		"stale for an hour":     {"NEAR_CACHE_TTL", "1h", `NEAR_CACHE_TTL="1h0m0s": too long; set 1m0s or less`},
		"reads that hang":       {"CACHE_GATHER", "1h", `CACHE_GATHER="1h0m0s": too long; set 1s or less`},
		"endless window":        {"API_RATE_WINDOW", "1000000h", `API_RATE_WINDOW="1000000h0m0s": too long; set 744h0m0s or less`},
		"stop takes hours":      {"TASK_CHECK_INTERVAL", "2h", `TASK_CHECK_INTERVAL="2h0m0s": too long; set 1m0s or less`},
		"zero concurrency":      {"WORKER_CONCURRENCY", "0", `WORKER_CONCURRENCY="0": too small; set 1 or more`},
		"busy polling":          {"TASK_CHECK_INTERVAL", "1us", `TASK_CHECK_INTERVAL="1µs": too short; set 1ms or more`},
		"unknown level":         {"THRIFT", "on", `THRIFT="on": unset it for the stage's level, or set it to off, quiet, lean or full`},
		"wake is a word":        {"THRIFT_WAKE", "no", `THRIFT_WAKE="no": neither true nor false; write one of them`},
		"busy surveys":          {"THRIFT_SURVEY_INTERVAL", "10ms", `THRIFT_SURVEY_INTERVAL="10ms": too short; set 1s or more`},
		"lost jobs":             {"THRIFT_SURVEY_INTERVAL", "25h", `THRIFT_SURVEY_INTERVAL="25h0m0s": too long; set 24h0m0s or less`},
		"busy full surveys":     {"THRIFT_FULL_SURVEY_INTERVAL", "0s", `THRIFT_FULL_SURVEY_INTERVAL="0s": too short; set 1s or more`},
		"long beliefs":          {"THRIFT_FULL_SURVEY_INTERVAL", "200h", `THRIFT_FULL_SURVEY_INTERVAL="200h0m0s": too long; set 168h0m0s or less`},
		"heartbeat below asynq": {"THRIFT_HEARTBEAT_INTERVAL", "1s", `THRIFT_HEARTBEAT_INTERVAL="1s": too short; set 5s or more`},
		"old heartbeat":         {"THRIFT_HEARTBEAT_INTERVAL", "48h", `THRIFT_HEARTBEAT_INTERVAL="48h0m0s": too long; set 24h0m0s or less`},
		"busy statistics":       {"THRIFT_STATISTICS_INTERVAL", "0s", `THRIFT_STATISTICS_INTERVAL="0s": too short; set 1s or more`},
		"late statistics":       {"THRIFT_STATISTICS_INTERVAL", "48h", `THRIFT_STATISTICS_INTERVAL="48h0m0s": too long; set 24h0m0s or less`},
		"no client":             {"GOOGLE_CLIENT_ID", "", `GOOGLE_CLIENT_ID is not set: copy it from the Google Cloud console`},
		"spaces around":         {"TWILIO_FROM", " +1555", `TWILIO_FROM=" +1555": white space around the value; remove it`},
		"suggest token":         {"SUGGEST_TOKEN", " pw", `SUGGEST_TOKEN=(hidden): white space around the value; remove it`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			cfg, err := config.Load(with(test.variable, test.value))
			require.EqualError(t, err, test.want)
			require.ErrorIs(t, err, config.ErrInvalid)
			require.Equal(t, config.Config{}, cfg)
			require.NotContains(t, err.Error(), "pw")
		})
	}
}

func TestLoadReportsAllProblemsInTheOrderOfTheTable(t *testing.T) {
	_, err := config.Load(map[string]string{"STAGE": "phase1", "REDIS_PORT": "x", "CACHE_GATHER": "-1ms"})

	var invalid *config.Error
	require.ErrorAs(t, err, &invalid)
	var variables []string
	for _, p := range invalid.Problems {
		variables = append(variables, p.Variable)
	}
	require.Equal(t, []string{
		"UPSTASH_REDIS_REST_URL", "UPSTASH_REDIS_REST_TOKEN", "REDIS_HOST", "REDIS_PORT", "REDIS_PASSWORD", "CACHE_GATHER",
		"GOOGLE_CLIENT_ID", "GOOGLE_CLIENT_SECRET", "TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_FROM", "SUGGEST_URL",
	}, variables)
	require.Len(t, strings.Split(err.Error(), "\n"), len(variables))
}

func TestLoadOfNilIsAnEmptyEnvironmentNotTheProcess(t *testing.T) {
	t.Setenv("STAGE", "legacy")
	_, err := config.Load(nil)
	require.ErrorContains(t, err, "STAGE is not set")
}

func TestRESTIsNeededOnlyByPlansThatUseIt(t *testing.T) {
	withoutREST := func(pairs ...string) map[string]string {
		environ := with(pairs...)
		maps.DeleteFunc(environ, func(name, _ string) bool { return strings.HasPrefix(name, "UPSTASH") })
		return environ
	}
	for _, environ := range []map[string]string{
		withoutREST("STAGE", "legacy"),
		withoutREST("STAGE", "phase2", "KV_TRANSPORT", "tcp"),
	} {
		_, err := config.Load(environ)
		require.NoError(t, err)
	}
	_, err := config.Load(withoutREST("STAGE", "legacy", "KV_TRANSPORT", "rest"))
	require.ErrorContains(t, err, "UPSTASH_REDIS_REST_URL is not set")
}

func TestLocalServerNeedsNoPassword(t *testing.T) {
	_, err := config.Load(with("REDIS_TLS", "false", "REDIS_PASSWORD", "", "REDIS_HOST", "::1"))
	require.NoError(t, err)
	_, err = config.Load(with("REDIS_TLS", "false", "REDIS_PASSWORD", "", "REDIS_USERNAME", "ops"))
	require.ErrorContains(t, err, "REDIS_PASSWORD is not set")
}

func TestPlan(t *testing.T) {
	pools := config.Pools{Cache: 5, RateLimit: 6, SMS: 1}
	tests := map[string]struct {
		cfg  config.Config
		want config.StagePlan
	}{
		"legacy": {
			config.Config{Stage: "legacy"},
			config.StagePlan{Stage: "legacy", KV: "tcp", WorkerSet: "per-queue", Thrift: "off", Pools: pools},
		},
		"phase1": {
			config.Config{Stage: "phase1"},
			config.StagePlan{Stage: "phase1", KV: "rest", WorkerSet: "per-queue", Thrift: "off", LeanLimiter: true, LeanCache: true},
		},
		"phase2": {
			config.Config{Stage: "phase2"},
			config.StagePlan{Stage: "phase2", KV: "rest", WorkerSet: "shared", Thrift: "full", LeanLimiter: true, LeanCache: true},
		},
		"phase3": {
			config.Config{Stage: "phase3"},
			config.StagePlan{Stage: "phase3", KV: "rest", WorkerSet: "shared", Thrift: "full", LeanLimiter: true, LeanCache: true, Deduplicate: true},
		},
		"phase1 rolled back to TCP": {
			config.Config{Stage: "phase1", KVTransport: "tcp"},
			config.StagePlan{Stage: "phase1", KV: "tcp", WorkerSet: "per-queue", Thrift: "off", LeanLimiter: true, LeanCache: true, Pools: pools},
		},
		"phase1, one process": {
			config.Config{Stage: "phase1", SoleProcess: true},
			config.StagePlan{Stage: "phase1", KV: "rest", WorkerSet: "per-queue", Thrift: "off", LeanLimiter: true, LeanCache: true, Sole: true},
		},
		"phase2 without thrift": {
			config.Config{Stage: "phase2", Thrift: config.Thrift{Level: "off"}},
			config.StagePlan{Stage: "phase2", KV: "rest", WorkerSet: "shared", Thrift: "off", LeanLimiter: true, LeanCache: true},
		},
		"phase3 with less thrift": {
			config.Config{Stage: "phase3", Thrift: config.Thrift{Level: "quiet"}},
			config.StagePlan{Stage: "phase3", KV: "rest", WorkerSet: "shared", Thrift: "quiet", LeanLimiter: true, LeanCache: true, Deduplicate: true},
		},
		"phase1 with shared workers": {
			config.Config{Stage: "phase1", WorkerSet: "shared"},
			config.StagePlan{Stage: "phase1", KV: "rest", WorkerSet: "shared", Thrift: "off", LeanLimiter: true, LeanCache: true},
		},
		"phase1 with shared workers and thrift": {
			config.Config{Stage: "phase1", WorkerSet: "shared", Thrift: config.Thrift{Level: "full"}},
			config.StagePlan{Stage: "phase1", KV: "rest", WorkerSet: "shared", Thrift: "full", LeanLimiter: true, LeanCache: true},
		},
		"phase2 rolled back to per-queue workers": {
			config.Config{Stage: "phase2", WorkerSet: "per-queue"},
			config.StagePlan{Stage: "phase2", KV: "rest", WorkerSet: "per-queue", Thrift: "off", LeanLimiter: true, LeanCache: true},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, test.want, test.cfg.Plan())
			require.Equal(t, test.want.KV == config.TransportREST, test.cfg.Plan().UsesREST())
		})
	}
}

func TestSoleProcessNeedsAStageThatKeepsThingsInMemory(t *testing.T) {
	for _, environ := range []map[string]string{
		with("SOLE_PROCESS", "true"),
		with("STAGE", "phase1", "SOLE_PROCESS", "true"),
		with("SOLE_PROCESS", "true", "KV_TRANSPORT", "tcp"),
		with("SOLE_PROCESS", "true", "NEAR_CACHE_TTL", "0s"),
		with("STAGE", "legacy", "SOLE_PROCESS", "false"),
	} {
		_, err := config.Load(environ)
		require.NoError(t, err)
	}
	_, err := config.Load(with("STAGE", "legacy", "SOLE_PROCESS", "true"))
	require.EqualError(t, err, `SOLE_PROCESS="true": the legacy stage asks Redis each time; unset it, or set STAGE to phase1 or later`)
	for _, stage := range config.Stages() {
		require.False(t, config.Config{Stage: stage}.Plan().Sole, "by default no process is taken to be the only one")
	}
	require.False(t, config.Default().SoleProcess)
}

// Thrift governs one shared client; a stage's own level gives way to a worker set that has none, an explicit one does not.
func TestThriftNeedsTheSharedWorkerSet(t *testing.T) {
	for _, environ := range []map[string]string{
		with("THRIFT", "quiet"),
		with("STAGE", "phase1", "THRIFT", "off"),
		with("STAGE", "phase1", "THRIFT", "full", "WORKER_SET", "shared"),
		with("WORKER_SET", "per-queue"),
		with("WORKER_SET", "per-queue", "THRIFT", "off"),
	} {
		_, err := config.Load(environ)
		require.NoError(t, err)
	}
	for _, environ := range []map[string]string{
		with("STAGE", "legacy", "THRIFT", "lean"),
		with("STAGE", "phase1", "THRIFT", "lean"),
		with("WORKER_SET", "per-queue", "THRIFT", "lean"),
	} {
		_, err := config.Load(environ)
		require.EqualError(t, err, `THRIFT="lean": only the shared worker set has it; unset it, or set WORKER_SET=shared`)
	}
}

// config says nothing of thrift that thrift does not say itself.
func TestThriftIsAsThriftHasIt(t *testing.T) {
	var levels []string
	for _, level := range config.ThriftLevels() {
		levels = append(levels, string(level))
	}
	var want []string
	for _, level := range thrift.Levels() {
		want = append(want, string(level))
	}
	require.Equal(t, want, levels)
	require.Equal(t, config.Thrift{
		Wake:           true,
		SurveyInterval: thrift.DefaultSurveyInterval, FullSurveyInterval: thrift.DefaultFullSurveyInterval,
		HeartbeatInterval: thrift.DefaultHeartbeatInterval, StatisticsInterval: thrift.DefaultStatisticsInterval,
	}, config.Default().Thrift)
}

func TestSecretsAreNeverPrinted(t *testing.T) {
	cfg, err := config.Load(complete())
	require.NoError(t, err)
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("start", "config", cfg, "token", cfg.REST.Token)
	asJSON, err := json.Marshal(cfg)
	require.NoError(t, err)

	for _, text := range []string{
		fmt.Sprint(cfg), fmt.Sprintf("%+v", cfg), fmt.Sprintf("%#v", cfg), fmt.Sprintf("%s %q %v", cfg.REST.Token, cfg.REST.Token, &cfg),
		log.String(), string(asJSON),
	} {
		require.NotContains(t, text, "s3cret")
		require.Contains(t, text, "(hidden)")
	}
	require.Equal(t, "rest-s3cret", string(cfg.REST.Token))
	require.Empty(t, config.Secret("").String())
}

func ExampleLoad() {
	_, err := config.Load(map[string]string{"STAGE": "phase9", "REDIS_PORT": "http"})
	var invalid *config.Error
	if errors.As(err, &invalid) {
		fmt.Println(invalid.Problems[0])
		fmt.Println(invalid.Problems[2])
	}
	// Output:
	// STAGE="phase9": set it to legacy, phase1, phase2 or phase3
	// REDIS_PORT="http": not a whole number; write digits only, such as 10
}

func ExampleConfig_Plan() {
	plan := config.Config{Stage: config.StagePhase2}.Plan()
	fmt.Println(plan.KV, plan.WorkerSet, plan.Pools.Cache)
	// Output: rest shared 0
}

// FuzzLoad: a connection URL in the wrong place never shows its password, and
// no value makes Load panic.
func FuzzLoad(f *testing.F) {
	f.Add("rediss", "host:6379", "10s")
	f.Add("", "%zz", "-1")
	f.Add("https://a/", "b?c#d", "phase1")
	f.Fuzz(func(t *testing.T, before, after, other string) {
		if strings.Contains(before+after+other, "s3cret") {
			return
		}
		pasted := before + "://user:s3cret@" + after
		for _, variable := range []string{"REDIS_HOST", "UPSTASH_REDIS_REST_URL", "SUGGEST_URL", "STAGE", "HTTP_ADDR", "REDIS_PORT"} {
			_, err := config.Load(with(variable, pasted, "API_RATE_WINDOW", other))
			require.ErrorIs(t, err, config.ErrInvalid)
			require.NotContains(t, err.Error(), "s3cret")
		}
	})
}
