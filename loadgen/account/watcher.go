package account

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

const (
	// readEvery is the time between two readings.
	readEvery = time.Second
	// readTimeout bounds one reading.
	readTimeout = 2 * time.Second
	// maxBytes caps what is read of an answer: a ledger with thousands of components fits.
	maxBytes = 8 << 20
	// path is where the account is, below the address of the admin door.
	path = "/ledger"
)

// ErrAccount is wrapped by every error about an account that cannot be read.
var ErrAccount = errors.New("account: cannot be read")

// Figures are what the account says.
type Figures struct {
	Wire   int64 // commands that clients sent since the first reading
	Billed int64 // commands billed since then
	Open   int64 // TCP connections now
	Peak   int64 // most TCP connections at once, since the account began
}

// Watcher reads an account again and again.
type Watcher struct {
	url     string
	client  *http.Client
	first   Figures
	end     context.CancelFunc
	stopped sync.WaitGroup

	mu     sync.Mutex
	latest Figures
	err    error // of the last reading
}

// Watch reads the account at the address of an admin door, such as http://127.0.0.1:8078, and then every second until Stop. The error,
// of a wrong address or of the first reading, wraps [ErrAccount].
func Watch(ctx context.Context, address string) (*Watcher, error) {
	u, err := url.Parse(address)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.RawQuery != "" || u.User != nil {
		if err == nil {
			address = u.Redacted()
		}
		return nil, fmt.Errorf("%w: %q is not the address of an admin door; write it like http://127.0.0.1:8078", ErrAccount, address)
	}
	w := &Watcher{url: strings.TrimSuffix(address, "/") + path, client: &http.Client{Timeout: readTimeout}}
	if w.first, err = w.read(ctx); err != nil {
		return nil, err
	}
	w.latest = Figures{Open: w.first.Open, Peak: w.first.Peak}
	ctx, w.end = context.WithCancel(context.WithoutCancel(ctx))
	w.stopped.Go(func() { w.run(ctx) })
	return w, nil
}

// Latest is the last reading, and the error of a later one that failed.
func (w *Watcher) Latest() (Figures, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.latest, w.err
}

// Line says in a few words what Latest is.
func (w *Watcher) Line() string {
	f, err := w.Latest()
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf("account: %d connections (most %d)   %d billed commands", f.Open, f.Peak, f.Billed)
}

// Stop reads the account once more, ends the watcher and returns that reading.
func (w *Watcher) Stop() (Figures, error) {
	w.end()
	w.stopped.Wait()
	w.update(context.Background()) // bounded by readTimeout
	w.client.CloseIdleConnections()
	return w.Latest()
}

func (w *Watcher) run(ctx context.Context) {
	ticker := time.NewTicker(readEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			w.update(ctx)
		}
	}
}

func (w *Watcher) update(ctx context.Context) {
	f, err := w.read(ctx)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err = err; err == nil {
		f.Wire, f.Billed = f.Wire-w.first.Wire, f.Billed-w.first.Billed
		w.latest = f
	}
}

// read reads the totals.
func (w *Watcher) read(ctx context.Context) (Figures, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, w.url, http.NoBody)
	if err != nil {
		return Figures{}, fmt.Errorf("%w: %w", ErrAccount, err)
	}
	resp, err := w.client.Do(req)
	if err != nil {
		return Figures{}, fmt.Errorf("%w: %w", ErrAccount, err)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxBytes))
	if err := errors.Join(err, resp.Body.Close()); err != nil {
		return Figures{}, fmt.Errorf("%w: %s: %w", ErrAccount, w.url, err)
	}
	var ledger struct {
		Total *struct {
			Wire   int64 `json:"wire"`
			Billed int64 `json:"billed"`
		} `json:"total"`
		Connections struct {
			Open int64 `json:"open"`
			Peak int64 `json:"peak"`
		} `json:"connections"`
	}
	switch err := json.Unmarshal(body, &ledger); {
	case resp.StatusCode != http.StatusOK:
		return Figures{}, fmt.Errorf("%w: %s: status %d %s", ErrAccount, w.url, resp.StatusCode, http.StatusText(resp.StatusCode))
	case err != nil || ledger.Total == nil:
		return Figures{}, fmt.Errorf("%w: %s has no ledger; is that the admin door of the fake Upstash?", ErrAccount, w.url)
	}
	return Figures{
		Wire: ledger.Total.Wire, Billed: ledger.Total.Billed, Open: ledger.Connections.Open, Peak: ledger.Connections.Peak,
	}, nil
}
