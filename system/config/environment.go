package config

import "time"

// variables is the one table of environment variables: a field per variable,
// in the order of the documentation. Tags: env is the name, doc what it sets,
// needed when it must be set.
type variables struct {
	Stage       Stage     `env:"STAGE" doc:"Stage of the service: legacy, phase1, phase2 or phase3" needed:"always"`
	KVTransport Transport `env:"KV_TRANSPORT" doc:"Overrides the stage's transport of cache and limiters: tcp or rest"`
	WorkerSet   WorkerSet `env:"WORKER_SET" doc:"Overrides the stage's worker set: per-queue or shared"`
	SoleProcess bool      `env:"SOLE_PROCESS" doc:"true where one process of the service runs at a time, a restart aside: it then asks Redis for nothing that it wrote itself, in cache and limiters, and writes the limiters' windows for the next process only. Two processes would serve values as old as their time to live, and each would count its own limits. For phase1 and later"`
	HTTPAddr    string    `env:"HTTP_ADDR" doc:"host:port that the HTTP API listens on"`
	Accounts    string    `env:"ACCOUNTS_FILE" doc:"JSON file with the users' accounts; without it no user is known"`
	Schedules   string    `env:"SCHEDULES_FILE" doc:"JSON file with jobs to add at times of the calendar, as queue, spec (five cron fields, UTC) and payload; for exactly one of all processes"`

	RESTURL   string `env:"UPSTASH_REDIS_REST_URL" doc:"REST URL of the Upstash database" needed:"with REST"`
	RESTToken Secret `env:"UPSTASH_REDIS_REST_TOKEN" doc:"REST token of the Upstash database" needed:"with REST"`

	RedisHost     string `env:"REDIS_HOST" doc:"Host name of the Redis server, without scheme and port" needed:"always"`
	RedisPort     int    `env:"REDIS_PORT" doc:"Port of the Redis server"`
	RedisUsername string `env:"REDIS_USERNAME" doc:"User name on the Redis server"`
	RedisPassword Secret `env:"REDIS_PASSWORD" doc:"Password on the Redis server" needed:"with TLS"`
	RedisTLS      bool   `env:"REDIS_TLS" doc:"TLS to the Redis server; Upstash accepts nothing else, false is for a local server"`

	APIRateLimit  int           `env:"API_RATE_LIMIT" doc:"API requests that one client may make in a window"`
	APIRateWindow time.Duration `env:"API_RATE_WINDOW" doc:"Window of API_RATE_LIMIT"`
	SMSRateLimit  int           `env:"SMS_RATE_LIMIT" doc:"Messages that one phone number may get in a window"`
	SMSRateWindow time.Duration `env:"SMS_RATE_WINDOW" doc:"Window of SMS_RATE_LIMIT"`

	WorkerConcurrency        int           `env:"WORKER_CONCURRENCY" doc:"Jobs processed at a time by the shared worker set"`
	TaskCheckInterval        time.Duration `env:"TASK_CHECK_INTERVAL" doc:"Pause of a worker after it found its queues empty; thrift has its own"`
	DelayedTaskCheckInterval time.Duration `env:"DELAYED_TASK_CHECK_INTERVAL" doc:"Pause between looks for delayed and retried jobs that are due; thrift has its own"`
	RetryBase                time.Duration `env:"RETRY_BASE" doc:"Delay before the first retry of a job; later delays grow from it"`
	ShutdownTimeout          time.Duration `env:"SHUTDOWN_TIMEOUT" doc:"Longest wait for running jobs at shutdown"`

	Thrift                   ThriftLevel   `env:"THRIFT" doc:"Overrides the stage's level of thrift, which saves commands of the shared worker set: off, quiet, lean or full; phase2 and phase3 have full, and off is the way back"`
	ThriftWake               bool          `env:"THRIFT_WAKE" doc:"Thrift: tell other processes of new jobs and hear of theirs, on one more connection; false is for a process that does everything itself, on one connection"`
	ThriftSurveyInterval     time.Duration `env:"THRIFT_SURVEY_INTERVAL" doc:"Thrift: longest wait of a job that a plain asynq client added; at 6m0s a look costs 7,200 billed commands a month"`
	ThriftFullSurveyInterval time.Duration `env:"THRIFT_FULL_SURVEY_INTERVAL" doc:"Thrift: how long a wrong belief about what Redis holds can last"`
	ThriftHeartbeatInterval  time.Duration `env:"THRIFT_HEARTBEAT_INTERVAL" doc:"Thrift: how old the server's entry in asynq's list of servers may be; at 30m0s it costs 1,500 billed commands a month"`
	ThriftStatisticsInterval time.Duration `env:"THRIFT_STATISTICS_INTERVAL" doc:"Thrift: how long finished jobs may be missing from asynq's counters"`

	NearCacheTTL  time.Duration `env:"NEAR_CACHE_TTL" doc:"How old a value from the near cache may be, with SOLE_PROCESS one that this process did not write; 0s turns the near cache off"`
	NearCacheSize int           `env:"NEAR_CACHE_SIZE" doc:"Entries that the near cache holds, within 32 MiB; with SOLE_PROCESS make it the number of keys in use, for each beyond it costs commands"`
	CacheGather   time.Duration `env:"CACHE_GATHER" doc:"How long a cache read waits for others to share one MGET; 0s turns it off"`

	HealthTimeout time.Duration `env:"HEALTH_TIMEOUT" doc:"Longest duration of one health check, and of one rate-limit check of the API"`

	GoogleOAuthURL     string        `env:"GOOGLE_OAUTH_URL" doc:"Google OAuth token endpoint"`
	GoogleCalendarURL  string        `env:"GOOGLE_CALENDAR_URL" doc:"Google Calendar API"`
	GooglePeopleURL    string        `env:"GOOGLE_PEOPLE_URL" doc:"Google People API"`
	GoogleClientID     string        `env:"GOOGLE_CLIENT_ID" doc:"OAuth client ID" needed:"always"`
	GoogleClientSecret Secret        `env:"GOOGLE_CLIENT_SECRET" doc:"OAuth client secret" needed:"always"`
	TwilioURL          string        `env:"TWILIO_URL" doc:"Twilio API"`
	TwilioAccountSID   string        `env:"TWILIO_ACCOUNT_SID" doc:"Twilio account" needed:"always"`
	TwilioAuthToken    Secret        `env:"TWILIO_AUTH_TOKEN" doc:"Twilio auth token" needed:"always"`
	TwilioFrom         string        `env:"TWILIO_FROM" doc:"Phone number that messages are sent from" needed:"always"`
	SuggestURL         string        `env:"SUGGEST_URL" doc:"Text suggestion endpoint" needed:"always"`
	SuggestToken       Secret        `env:"SUGGEST_TOKEN" doc:"Bearer token of the suggestion endpoint; none is sent when empty"`
	ProviderTimeout    time.Duration `env:"PROVIDER_TIMEOUT" doc:"Longest duration of one call to a provider"`
}

// defaults returns the table filled with what an unset variable means.
func defaults() variables {
	return variables{
		HTTPAddr:  DefaultHTTPAddr,
		RedisPort: DefaultRedisPort, RedisUsername: DefaultRedisUser, RedisTLS: DefaultRedisTLS,
		APIRateLimit: DefaultAPIRateLimit, APIRateWindow: DefaultAPIRateWindow,
		SMSRateLimit: DefaultSMSRateLimit, SMSRateWindow: DefaultSMSRateWindow,
		WorkerConcurrency:        DefaultWorkerConcurrency,
		TaskCheckInterval:        DefaultTaskCheckInterval,
		DelayedTaskCheckInterval: DefaultDelayedTaskCheckInterval,
		RetryBase:                DefaultRetryBase,
		ShutdownTimeout:          DefaultShutdownTimeout,
		ThriftWake:               DefaultThriftWake,
		ThriftSurveyInterval:     DefaultThriftSurveyInterval,
		ThriftFullSurveyInterval: DefaultThriftFullSurveyInterval,
		ThriftHeartbeatInterval:  DefaultThriftHeartbeatInterval,
		ThriftStatisticsInterval: DefaultThriftStatisticsInterval,
		NearCacheTTL:             DefaultNearCacheTTL, NearCacheSize: DefaultNearCacheSize,
		CacheGather:       DefaultCacheGather,
		HealthTimeout:     DefaultHealthTimeout,
		GoogleOAuthURL:    DefaultGoogleOAuthURL,
		GoogleCalendarURL: DefaultGoogleCalendarURL,
		GooglePeopleURL:   DefaultGooglePeopleURL,
		TwilioURL:         DefaultTwilioURL,
		ProviderTimeout:   DefaultProviderTimeout,
	}
}

// config arranges the variables as the service uses them.
func (v variables) config() Config {
	return Config{
		Stage: v.Stage, HTTPAddr: v.HTTPAddr, AccountsFile: v.Accounts, SchedulesFile: v.Schedules, KVTransport: v.KVTransport, WorkerSet: v.WorkerSet,
		SoleProcess: v.SoleProcess,
		REST:        REST{URL: v.RESTURL, Token: v.RESTToken},
		Redis: Redis{
			Host: v.RedisHost, Port: v.RedisPort, Username: v.RedisUsername, Password: v.RedisPassword, TLS: v.RedisTLS,
		},
		API: Limit{Limit: v.APIRateLimit, Window: v.APIRateWindow},
		SMS: Limit{Limit: v.SMSRateLimit, Window: v.SMSRateWindow},
		Worker: Worker{
			Concurrency: v.WorkerConcurrency, TaskCheckInterval: v.TaskCheckInterval,
			DelayedTaskCheckInterval: v.DelayedTaskCheckInterval, RetryBase: v.RetryBase, ShutdownTimeout: v.ShutdownTimeout,
		},
		Thrift: Thrift{
			Level: v.Thrift, Wake: v.ThriftWake,
			SurveyInterval: v.ThriftSurveyInterval, FullSurveyInterval: v.ThriftFullSurveyInterval,
			HeartbeatInterval: v.ThriftHeartbeatInterval, StatisticsInterval: v.ThriftStatisticsInterval,
		},
		Cache:  Cache{NearTTL: v.NearCacheTTL, NearSize: v.NearCacheSize, Gather: v.CacheGather},
		Health: Health{Timeout: v.HealthTimeout},
		Providers: Providers{
			OAuthURL: v.GoogleOAuthURL, CalendarURL: v.GoogleCalendarURL, PeopleURL: v.GooglePeopleURL,
			ClientID: v.GoogleClientID, ClientSecret: v.GoogleClientSecret,
			SMSURL: v.TwilioURL, AccountSID: v.TwilioAccountSID, SMSFrom: v.TwilioFrom, AuthToken: v.TwilioAuthToken,
			SuggestURL: v.SuggestURL, SuggestToken: v.SuggestToken, Timeout: v.ProviderTimeout,
		},
	}
}
