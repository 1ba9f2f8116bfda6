package config

import "time"

// Defaults of the variables that have one.
const (
	DefaultHTTPAddr  = ":8080"
	DefaultRedisPort = 6379
	DefaultRedisUser = "default"
	DefaultRedisTLS  = true

	DefaultAPIRateLimit  = 100
	DefaultAPIRateWindow = time.Minute
	DefaultSMSRateLimit  = 5
	DefaultSMSRateWindow = time.Hour

	DefaultWorkerConcurrency        = 10
	DefaultTaskCheckInterval        = time.Second
	DefaultDelayedTaskCheckInterval = 5 * time.Second
	DefaultRetryBase                = 5 * time.Second
	DefaultShutdownTimeout          = 10 * time.Second

	DefaultThriftWake               = true
	DefaultThriftSurveyInterval     = 6 * time.Minute
	DefaultThriftFullSurveyInterval = 24 * time.Hour
	DefaultThriftHeartbeatInterval  = 30 * time.Minute
	DefaultThriftStatisticsInterval = time.Hour

	DefaultNearCacheTTL  = 10 * time.Second
	DefaultNearCacheSize = 8192
	DefaultCacheGather   = time.Millisecond

	DefaultHealthTimeout   = 2 * time.Second
	DefaultProviderTimeout = 10 * time.Second

	DefaultGoogleOAuthURL    = "https://oauth2.googleapis.com/token"
	DefaultGoogleCalendarURL = "https://www.googleapis.com/calendar/v3/"
	DefaultGooglePeopleURL   = "https://people.googleapis.com/"
	DefaultTwilioURL         = "https://api.twilio.com"
)

// Config is the whole configuration of the service. The zero value is not
// valid; get one from Load, or from Default and fill in what has no default.
type Config struct {
	Stage    Stage
	HTTPAddr string // host:port the HTTP API listens on
	// AccountsFile is the JSON file with the users' accounts; "" for none.
	AccountsFile string
	// SchedulesFile is the JSON file with the jobs that this process adds at times of the calendar; "" for none.
	SchedulesFile string
	REST          REST
	Redis         Redis
	// KVTransport overrides the stage's transport of cache and limiters.
	KVTransport Transport
	// WorkerSet overrides the stage's worker set.
	WorkerSet WorkerSet
	// SoleProcess says that one process of the service runs at a time. Legacy has no use for it.
	SoleProcess bool

	API       Limit // requests of one API client
	SMS       Limit // messages to one phone number
	Worker    Worker
	Thrift    Thrift
	Cache     Cache
	Health    Health
	Providers Providers
}

// REST is the Upstash REST endpoint. Only plans that use REST need it.
type REST struct {
	URL   string // http or https, without path credentials
	Token Secret
}

// Redis is the TCP endpoint. Every plan needs it: the queues use TCP.
type Redis struct {
	Host     string
	Port     int
	Username string
	Password Secret // required with TLS
	TLS      bool   // Upstash accepts nothing else; false is for a local server
}

// Limit is a sliding-window limit: at most Limit events in any Window.
type Limit struct {
	Limit  int
	Window time.Duration
}

// Worker holds the settings of the job workers.
type Worker struct {
	Concurrency              int           // jobs processed at a time by the shared worker set
	TaskCheckInterval        time.Duration // pause after a look at empty queues; thrift has its own
	DelayedTaskCheckInterval time.Duration // between looks for jobs that became due; thrift has its own
	RetryBase                time.Duration // delay before the first retry; later ones grow from it
	ShutdownTimeout          time.Duration // bound on the wait for running jobs at shutdown
}

// Thrift holds the settings of the layer that makes the shared worker set cheap.
type Thrift struct {
	// Level overrides the stage's level; "" leaves it.
	Level ThriftLevel
	// Wake tells other processes of new jobs, and hears of theirs, on a connection
	// of its own. Without it the worker set holds one connection.
	Wake               bool
	SurveyInterval     time.Duration // bound on the wait of a job that nobody told of
	FullSurveyInterval time.Duration // bound on the life of a wrong belief about what Redis holds
	HeartbeatInterval  time.Duration // age that the server's entry in asynq's list may reach
	StatisticsInterval time.Duration // bound on the delay of asynq's counters of finished jobs
}

// Cache holds the settings of the lean cache; the classic one ignores them.
type Cache struct {
	NearTTL  time.Duration // bound on the staleness of a near read; 0 turns the near cache off
	NearSize int           // entries of the near cache
	Gather   time.Duration // how long a read waits for others to share one MGET; 0 turns it off
}

// Health holds the settings of the health check.
type Health struct {
	Timeout time.Duration // bound on one check of the dependencies, and on one check of the API's rate limit
}

// Providers holds endpoints and credentials of what the jobs call.
type Providers struct {
	OAuthURL, CalendarURL, PeopleURL string
	ClientID                         string
	ClientSecret                     Secret
	SMSURL, AccountSID, SMSFrom      string
	AuthToken                        Secret
	SuggestURL                       string
	SuggestToken                     Secret        // optional: sent as a Bearer token
	Timeout                          time.Duration // bound on one call
}

// Default returns the configuration that an empty environment gives: every
// default set, everything that has none empty.
func Default() Config { return defaults().config() }
