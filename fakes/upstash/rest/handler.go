package rest

import (
	"errors"
	"log/slog"
	"net/http"
	"strconv"
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
	ans := h.answer(r)
	if ans.events != nil {
		h.stream(w, r, ans.events)
		return
	}
	header := w.Header()
	header.Set(headerSyncToken, strconv.FormatUint(h.syncToken(ans.writes), 32))
	header.Set("Content-Type", ans.contentType)
	header.Set("Content-Length", strconv.Itoa(len(ans.body)))
	w.WriteHeader(ans.status)
	if r.Method == http.MethodHead {
		return
	}
	if _, err := w.Write(ans.body); err != nil {
		h.log.DebugContext(r.Context(), "rest: the client left before its answer", "error", err)
	}
}

// syncToken moves the token on by the writes of a request. The first token is 1, so it is never empty or zero.
func (h *handler) syncToken(writes int) uint64 {
	return h.writes.Add(uint64(writes)) + 1
}

// answer does all of a request but the writing.
func (h *handler) answer(r *http.Request) answer {
	query, err := parseQuery(r.URL.RawQuery)
	if err != nil {
		return failure(http.StatusBadRequest, err.Error())
	}
	p, ok := h.backend.Authenticate(query.tokenOr(r.Header.Get("Authorization")))
	if !ok {
		return failure(http.StatusUnauthorized, textUnauthorized)
	}
	if name, ok := componentOf(r.UserAgent()); ok {
		p.Component = name
	}
	enc, err := encodingOf(r.Header)
	if err != nil {
		return failure(http.StatusBadRequest, err.Error())
	}
	body, err := readBody(r, h.limit)
	if tooLarge := (*sizeError)(nil); errors.As(err, &tooLarge) {
		h.backend.Refused(p, commands.TooLarge, false)
		return failure(http.StatusRequestEntityTooLarge, err.Error())
	} else if err != nil {
		return failure(http.StatusBadRequest, "ERR reading the request: "+err.Error())
	}
	c := call{h: h, ctx: r.Context(), principal: p, enc: enc, wantsEvents: wantsEvents(r)}
	switch path := r.URL.EscapedPath(); path {
	case "", "/":
		return c.fromBody(body)
	case "/pipeline":
		return c.pipeline(body)
	case "/multi-exec":
		return c.transaction(body)
	default:
		return c.fromPath(path, body, query.args)
	}
}
