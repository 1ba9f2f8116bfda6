package restredis_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/system/restredis"
)

func TestKindsOfErrors(t *testing.T) {
	const secretKey, secretValue = "user:4711:session", "s3cret-value"
	tests := map[string]struct {
		answer func(http.ResponseWriter)
		kind   restredis.Kind
		is     error
		want   string
	}{
		"wrong token": {
			status(401, `{"error":"WRONGPASS invalid or missing auth token. See https://docs.upstash.com/redis/troubleshooting/http_unauthorized for details."}`),
			restredis.KindAuth, restredis.ErrAuth, "restredis: SET: auth (HTTP 401): WRONGPASS invalid or missing auth token.",
		},
		"401 of a proxy": {status(401, `<html>`), restredis.KindAuth, restredis.ErrAuth, "the token was not accepted"},
		"read-only token": {
			status(400, `{"error":"NOPERM this user has no permissions to run the 'set' command or its subcommand"}`),
			restredis.KindAuth, restredis.ErrAuth, "NOPERM",
		},
		"monthly quota": {
			status(400, `{"error":"ERR max requests limit exceeded. Limit: 500000, Usage: 500000. See https://upstash.com/docs for details"}`),
			restredis.KindQuota, restredis.ErrQuota, "ERR max requests limit exceeded. Limit: 500000",
		},
		"daily quota":      {status(400, `{"error":"ERR max daily request limit exceeded. Limit: 10000"}`), restredis.KindQuota, restredis.ErrQuota, "max daily"},
		"data size":        {status(400, `{"error":"ERR DB capacity quota exceeded. Threshold: 268435456 bytes"}`), restredis.KindQuota, restredis.ErrQuota, "capacity"},
		"command error":    {status(400, `{"error":"ERR syntax error"}`), restredis.KindCommand, restredis.ErrCommand, "restredis: SET: command (HTTP 400): ERR syntax error"},
		"error with 200":   {status(200, `{"error":"ERR syntax error"}`), restredis.KindCommand, restredis.ErrCommand, "ERR syntax error"},
		"request too big":  {status(413, ``), restredis.KindTooLarge, restredis.ErrTooLarge, "request entity too large"},
		"record too big":   {status(400, `{"error":"ERR max request size exceeded. Limit: 10485760 bytes"}`), restredis.KindTooLarge, restredis.ErrTooLarge, "max request size"},
		"throttled":        {status(429, ``), restredis.KindThrottled, restredis.ErrThrottled, "restredis: SET: throttled (HTTP 429): too many requests"},
		"server":           {status(502, `<html>`), restredis.KindServer, restredis.ErrServer, "restredis: SET: server (HTTP 502): bad gateway"},
		"server with text": {status(500, `{"error":"ERR internal"}`), restredis.KindServer, restredis.ErrServer, "ERR internal"},
		"not found":        {status(404, `nothing here`), restredis.KindProtocol, restredis.ErrProtocol, "is the URL right?"},
		"redirect":         {status(302, ``, "Location", "http://127.0.0.1:80/elsewhere"), restredis.KindProtocol, restredis.ErrProtocol, "is the URL right?"},
		"page with 200":    {status(200, `<html>`), restredis.KindProtocol, restredis.ErrProtocol, "not a JSON object"},
		"no result":        {status(200, `{}`), restredis.KindProtocol, restredis.ErrProtocol, "neither result nor error"},
		"not base64":       {result(`"PONG!"`), restredis.KindProtocol, restredis.ErrProtocol, "not base64"},
		"hung up":          {hangUp, restredis.KindNetwork, restredis.ErrNetwork, "EOF"},
		"half a reply":     {func(w http.ResponseWriter) { w.Header().Set("Content-Length", "99"); status(200, `{"re`)(w) }, restredis.KindNetwork, restredis.ErrNetwork, "unexpected EOF"},
		"quoted secrets": {
			status(400, `{"error":"ERR bad `+token+` in [SET `+secretKey+` `+secretValue+`]"}`),
			restredis.KindCommand, restredis.ErrCommand, "ERR bad (hidden) in [SET (hidden) (hidden)]",
		},
		"long text": {status(400, `{"error":"ERR `+strings.Repeat("é", 5000)+`\n"}`), restredis.KindCommand, restredis.ErrCommand, "..."},
	}
	sentinels := []error{
		restredis.ErrAuth, restredis.ErrQuota, restredis.ErrThrottled, restredis.ErrServer, restredis.ErrNetwork,
		restredis.ErrCommand, restredis.ErrTooLarge, restredis.ErrProtocol,
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			a := newAPI(t, answers(test.answer))
			err := a.client(t, once).Set(t.Context(), secretKey, []byte(secretValue), 0)
			e := failure(t, err, secretKey, secretValue)
			require.Equal(t, test.kind, e.Kind)
			require.Equal(t, "SET", e.Command)
			require.ErrorContains(t, err, test.want)
			require.Less(t, len(err.Error()), 400)
			require.NotContains(t, err.Error(), "\n")
			for _, sentinel := range sentinels {
				require.Equal(t, sentinel.Error() == test.is.Error(), errors.Is(err, sentinel), "%v", sentinel)
			}
			require.Len(t, a.seen(), 1)
		})
	}
}

func TestUnexpectedValuesAreProtocolErrors(t *testing.T) {
	tests := map[string]struct {
		reply string
		call  func(ctx context.Context, c *restredis.Client) error
	}{
		"GET":         {`5`, func(ctx context.Context, c *restredis.Client) error { _, _, err := c.Get(ctx, "k"); return err }},
		"MGET number": {`5`, func(ctx context.Context, c *restredis.Client) error { _, err := c.MGet(ctx, "k"); return err }},
		"MGET length": {`[]`, func(ctx context.Context, c *restredis.Client) error { _, err := c.MGet(ctx, "k"); return err }},
		"MGET inside": {`[5]`, func(ctx context.Context, c *restredis.Client) error { _, err := c.MGet(ctx, "k"); return err }},
		"DEL":         {`null`, func(ctx context.Context, c *restredis.Client) error { _, err := c.Del(ctx, "k"); return err }},
		"PING":        {text("GNOP"), func(ctx context.Context, c *restredis.Client) error { return c.Ping(ctx) }},
		"PING plain":  {`"PONG"`, func(ctx context.Context, c *restredis.Client) error { return c.Ping(ctx) }},
		"LEX": {`[null]`, func(ctx context.Context, c *restredis.Client) error {
			_, err := c.ZRangeByLex(ctx, "k", "-", "+", 1)
			return err
		}},
		"SCAN":        {`[]`, func(ctx context.Context, c *restredis.Client) error { _, err := c.DeletePattern(ctx, "k"); return err }},
		"SCAN cursor": {`[null,[]]`, func(ctx context.Context, c *restredis.Client) error { _, err := c.DeletePattern(ctx, "k"); return err }},
		"SCAN keys":   {`["MA==",null]`, func(ctx context.Context, c *restredis.Client) error { _, err := c.DeletePattern(ctx, "k"); return err }},
		"fraction":    {`1.5`, func(ctx context.Context, c *restredis.Client) error { _, err := c.Del(ctx, "k"); return err }},
		"object":      {`{}`, func(ctx context.Context, c *restredis.Client) error { _, err := c.Do(ctx, "X"); return err }},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			a := newAPI(t, answers(result(test.reply)))
			require.ErrorIs(t, test.call(t.Context(), a.client(t)), restredis.ErrProtocol)
		})
	}
	a := newAPI(t, answers(status(200, `[{"result":1}]`)))
	_, err := a.client(t).Pipeline(t.Context(), [][]any{{"A"}, {"B"}})
	require.ErrorIs(t, err, restredis.ErrProtocol)
	require.ErrorContains(t, err, "1 results for 2 commands")
}

func TestReplyOverTheBoundIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // where 64 MiB take no time, however busy the machine is
		a := newAPI(t, answers(func(w http.ResponseWriter) {
			chunk := bytes.Repeat([]byte("A"), 1<<20)
			for range 66 {
				if _, err := w.Write(chunk); err != nil {
					return
				}
			}
		}))
		_, _, err := a.client(t).Get(t.Context(), "k")
		require.ErrorIs(t, err, restredis.ErrTooLarge)
		require.ErrorContains(t, err, "the reply is longer than 67108864 bytes")
	})
}

func TestConnectionsAreBoundedAndReused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		running, peak := 0, 0
		a := newAPI(t, func(_ int, w http.ResponseWriter, _ *http.Request, _ string) {
			mu.Lock()
			running++
			peak = max(peak, running)
			mu.Unlock()
			time.Sleep(10 * time.Millisecond)
			mu.Lock()
			running--
			mu.Unlock()
			result(`"OK"`)(w)
		})
		c := a.client(t, func(cfg *restredis.Config) { cfg.MaxConns = 3 })
		var wg sync.WaitGroup
		for i := range 60 {
			client := c
			if i%2 == 0 {
				client = c.As("ratelimit")
			}
			wg.Go(func() { _ = client.Set(t.Context(), "k", nil, 0) })
		}
		wg.Wait()
		require.Equal(t, restredis.Stats{Requests: 60}, c.Stats())
		require.Equal(t, 3, peak)
		require.Equal(t, 3, a.dials)
	})
}

func TestErrorRepliesKeepTheConnection(t *testing.T) {
	a := newAPI(t, answers(status(400, `{"error":"ERR no"}`)))
	c := a.client(t)
	for range 5 {
		require.Error(t, c.Set(t.Context(), "k", nil, 0))
	}
	require.Equal(t, 1, a.dials)
}

func TestClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAPI(t, func(_ int, _ http.ResponseWriter, r *http.Request, _ string) { <-r.Context().Done() })
		c := a.client(t)
		done := make(chan error)
		go func() {
			_, _, err := c.As("ratelimit").Get(context.Background(), "k")
			done <- err
		}()
		synctest.Wait()
		start := time.Now()
		require.NoError(t, c.Close())
		require.ErrorIs(t, <-done, restredis.ErrClosed)
		require.Zero(t, time.Since(start))

		_, _, err := c.Get(t.Context(), "k")
		require.EqualError(t, err, "restredis: GET: closed: the client is closed")
		require.NoError(t, c.Close())
		require.Zero(t, c.Stats().NetworkErrors)
		require.Len(t, a.seen(), 1)
	})
}

func TestConfigIsValidated(t *testing.T) {
	valid := restredis.Config{URL: "https://db.upstash.io", Token: token, Component: "cache"}
	tests := map[string]struct {
		change func(*restredis.Config)
		want   string
	}{
		"no URL":        {func(c *restredis.Config) { c.URL = "" }, "URL is empty"},
		"TCP URL":       {func(c *restredis.Config) { c.URL = "rediss://default:pw@db.upstash.io" }, "not an http or https URL"},
		"broken URL":    {func(c *restredis.Config) { c.URL = "https://u:pw@%zz" }, "not an http or https URL"},
		"user in URL":   {func(c *restredis.Config) { c.URL = "https://u:pw@db.upstash.io" }, "URL of db.upstash.io holds credentials"},
		"token in URL":  {func(c *restredis.Config) { c.URL = "https://db.upstash.io?_token=pw" }, "URL of db.upstash.io holds credentials"},
		"no token":      {func(c *restredis.Config) { c.Token = "" }, "Token is empty"},
		"token newline": {func(c *restredis.Config) { c.Token += "\n" }, "Token holds white space"},
		"component":     {func(c *restredis.Config) { c.Component = "a/b" }, `Component is "a/b"`},
		"connections":   {func(c *restredis.Config) { c.MaxConns = -1 }, "MaxConns -1"},
		"retries":       {func(c *restredis.Config) { c.Retry.MaxAttempts = -1 }, "Retry {MaxAttempts:-1"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			cfg := valid
			test.change(&cfg)
			c, err := restredis.New(cfg)
			require.Nil(t, c)
			require.ErrorIs(t, err, restredis.ErrConfig)
			require.ErrorContains(t, err, test.want)
			require.NotContains(t, err.Error(), "pw")
			require.NotContains(t, err.Error(), token)
		})
	}
}

func TestTokenAndKeysAreNeverPrinted(t *testing.T) {
	a := newAPI(t, answers(hangUp))
	cfg := restredis.Config{URL: "http://127.0.0.1:80", Token: token, Component: "cache"}
	c := a.client(t, once)
	_, err := c.Do(t.Context(), "SET", "user:4711", "\xff-value")
	failure(t, err, "4711", "-value")
	var asURL *url.Error
	require.NotErrorAs(t, err, &asURL)
	for _, printed := range []string{
		fmt.Sprint(cfg), fmt.Sprintf("%+v %#v", cfg, cfg), fmt.Sprintf("%v %+v %#v", c, c, c), fmt.Sprintf("%#v", err),
	} {
		require.NotContains(t, printed, token)
	}
	require.Equal(t, "Upstash REST at http://127.0.0.1:80 for cache", c.String())
}
