package accounts

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
)

// MaxFileBytes is the largest file that ReadFile reads: 64 MiB.
const MaxFileBytes = 64 << 20

// ErrFile means that a file is not a list of accounts.
var ErrFile = errors.New("accounts: bad file")

// record is one account in a file. It holds what the application was told about
// a user, not what the jobs found out since.
type record struct {
	User         string   `json:"user"`
	RefreshToken string   `json:"refresh_token"`
	Phone        string   `json:"phone"`
	CalendarID   string   `json:"calendar_id"` // empty: "primary"
	Webhooks     []string `json:"webhooks"`
}

// ReadFile returns a store with the accounts of a JSON file: an array of objects
// with user, refresh_token, phone, calendar_id and webhooks, of which user is
// required. A user that is not in the file is ErrNotFound. What is wrong with the
// file's content is ErrFile.
func ReadFile(path string) (*Memory, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("accounts: %w", err)
	}
	defer f.Close() //nolint:errcheck // read only
	records, err := decodeRecords(f)
	if err != nil {
		return nil, fmt.Errorf("%w %s: %w", ErrFile, path, err)
	}
	m := NewMemory(nil)
	for i, r := range records {
		if r.User == "" {
			return nil, fmt.Errorf("%w %s: account %d has no user", ErrFile, path, i+1)
		}
		if _, ok := m.users[r.User]; ok {
			return nil, fmt.Errorf("%w %s: account %d: user %q was there before", ErrFile, path, i+1, r.User)
		}
		if r.CalendarID == "" {
			r.CalendarID = "primary"
		}
		m.users[r.User] = Account{
			User: r.User, RefreshToken: r.RefreshToken, Phone: r.Phone, CalendarID: r.CalendarID, Webhooks: r.Webhooks,
		}
	}
	return m, nil
}

// decodeRecords reads one strict JSON array and nothing after it.
func decodeRecords(r io.Reader) ([]record, error) {
	limited := &io.LimitedReader{R: r, N: MaxFileBytes + 1}
	decoder := json.NewDecoder(limited)
	decoder.DisallowUnknownFields()
	var records []record
	err := decoder.Decode(&records)
	switch {
	case limited.N <= 0:
		return nil, fmt.Errorf("it is larger than %d bytes", MaxFileBytes)
	case err != nil:
		return nil, err
	case len(records) > MaxAccounts:
		return nil, fmt.Errorf("it has %d accounts; at most %d are held", len(records), MaxAccounts)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("there is something after the array")
	}
	return records, nil
}
