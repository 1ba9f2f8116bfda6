package rest

import (
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"

	"tollgate/fakes/upstash/commands"
)

// DefaultMaxRequestBytes is the request size that Upstash allows on its smaller plans, in bytes.
const DefaultMaxRequestBytes = 10 << 20

const (
	headerSyncToken = "Upstash-Sync-Token"
	headerEncoding  = "Upstash-Encoding"
	headerFormat    = "Upstash-Response-Format"

	typeJSON = "application/json"
	typeRESP = "application/octet-stream"

	allowedMethods = "GET, HEAD, POST, PUT"
)

const textUnauthorized = "WRONGPASS invalid or missing auth token. " +
	"See https://docs.upstash.com/redis/troubleshooting/http_unauthorized for details."

// Config says how the handler behaves. The zero Config is ready to use.
type Config struct {
	// MaxRequestBytes bounds the body of one request, in bytes; a larger one is answered with 413.
	// Zero or less means DefaultMaxRequestBytes.
	MaxRequestBytes int64
	// Logger hears of engine failures. Nil discards.
	Logger *slog.Logger
}

type handler struct {
	backend Backend
	limit   int64
	log     *slog.Logger
	writes  atomic.Uint64 // what the sync token counts
	idle    sync.Pool     // of *exchange
}

// NewHandler makes the handler of the REST API over backend. It has to be the server's only handler: a
// http.ServeMux would tidy paths, and here every path is a command. It is safe for concurrent use.
func NewHandler(backend Backend, cfg Config) http.Handler {
	h := &handler{backend: backend, limit: cfg.MaxRequestBytes, log: cfg.Logger}
	if h.limit <= 0 {
		h.limit = DefaultMaxRequestBytes
	}
	if h.log == nil {
		h.log = slog.New(slog.DiscardHandler)
	}
	return h
}

// ServeHTTP answers one request.
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	allowOrigin(w, r)
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut:
	case http.MethodOptions:
		w.WriteHeader(http.StatusOK)
		return
	default:
		w.Header().Set("Allow", allowedMethods)
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	x := h.begin(w, r)
	x.answer()
	if x.events != nil {
		x.stream()
	} else {
		x.finish()
	}
	x.end()
}

// answer does all of a request but the last of the sending.
func (x *exchange) answer() {
	query, err := parseQuery(x.r.URL.RawQuery)
	if err != nil {
		x.badRequest(err)
		return
	}
	var ok bool
	x.principal, ok = x.h.backend.Authenticate(query.tokenOr(x.r.Header.Get("Authorization")))
	if !ok {
		x.fail(http.StatusUnauthorized, textUnauthorized)
		return
	}
	if name, ok := componentOf(x.r.UserAgent()); ok {
		x.principal.Component = name
	}
	if x.encoding, err = encodingOf(x.r.Header); err != nil {
		x.badRequest(err)
		return
	}
	if x.body, err = readBody(x.body[:0], x.r, x.h.limit); err != nil {
		x.unread(err)
		return
	}
	switch path := x.r.URL.EscapedPath(); path {
	case "", "/":
		x.fromBody()
	case "/pipeline":
		x.pipeline()
	case "/multi-exec":
		x.transaction()
	default:
		x.fromPath(path, query.args)
	}
}

// unread answers a request whose body could not be read.
func (x *exchange) unread(err error) {
	if tooLarge := (*sizeError)(nil); errors.As(err, &tooLarge) {
		x.h.backend.Refused(x.principal, commands.TooLarge, false)
		x.fail(http.StatusRequestEntityTooLarge, err.Error())
		return
	}
	x.fail(http.StatusBadRequest, "ERR reading the request: "+err.Error())
}
