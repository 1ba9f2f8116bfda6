package accounts

import (
	"context"
	"errors"
	"fmt"
	"sync"
)

// MaxAccounts is how many users one Memory holds.
const MaxAccounts = 100_000

var (
	// ErrNotFound means that the user is unknown and that nothing derives unknown users.
	ErrNotFound = errors.New("accounts: no such user")
	// ErrFull means that MaxAccounts users are held already.
	ErrFull = errors.New("accounts: the store is full")
)

// Memory holds accounts in memory. It is safe for concurrent use.
type Memory struct {
	derive func(user string) Account

	mu    sync.RWMutex
	users map[string]Account
}

// NewMemory returns an empty store. derive makes the account of a user that is asked for the first time; with a nil
// derive such a user is ErrNotFound and Update is the only way to add one.
func NewMemory(derive func(user string) Account) *Memory {
	return &Memory{derive: derive, users: make(map[string]Account)}
}

// Get returns a copy of the user's account. It fails with ErrNotFound, ErrFull or ctx's error.
func (m *Memory) Get(ctx context.Context, user string) (Account, error) {
	if err := ctx.Err(); err != nil {
		return Account{}, fmt.Errorf("accounts: get %q: %w", user, err)
	}
	m.mu.RLock()
	stored, ok := m.users[user]
	m.mu.RUnlock()
	if ok {
		return stored.clone(), nil
	}
	if m.derive == nil {
		return Account{}, fmt.Errorf("%w: %q", ErrNotFound, user)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	stored, err := m.loadLocked(user)
	if err != nil {
		return Account{}, err
	}
	return stored.clone(), nil
}

// Update changes the user's account: change gets a copy, and what it leaves there is stored, all in one step that no
// other Get or Update sees half done. change must be quick, must not call this store, and cannot alter User. An unknown
// user is derived, or, without a derive function, starts empty. It fails with ErrFull or ctx's error.
func (m *Memory) Update(ctx context.Context, user string, change func(*Account)) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("accounts: update %q: %w", user, err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	stored, err := m.loadLocked(user)
	if err != nil {
		return err
	}
	working := stored.clone()
	change(&working)
	working.User = user
	m.users[user] = working.clone()
	return nil
}

// loadLocked returns the stored account and stores a derived one first where there is none.
func (m *Memory) loadLocked(user string) (Account, error) {
	if stored, ok := m.users[user]; ok {
		return stored, nil
	}
	if len(m.users) >= MaxAccounts {
		return Account{}, fmt.Errorf("%w: %d users held, %q refused", ErrFull, MaxAccounts, user)
	}
	var fresh Account
	if m.derive != nil {
		fresh = m.derive(user).clone()
	}
	fresh.User = user
	m.users[user] = fresh
	return fresh, nil
}
