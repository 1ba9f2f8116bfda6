package scenarios

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"net/http"
	"strings"
	"sync"

	"tollgate/fakes/providers"
	"tollgate/system/accounts"
	"tollgate/system/queue"
)

// Users of the probes, one pair for each queue.
const (
	flakyPrefix    = "flaky-"
	hopelessPrefix = "hopeless-"
)

// errDatabase is what the application's database answers to a flaky user's
// first read.
var errDatabase = errors.New("database: connection reset (planned fault)")

// phoneOf gives each user a phone number of its own (555-01xx numbers are too
// few; the fake sends nothing anywhere).
func phoneOf(user string) string {
	h := fnv.New32a()
	h.Write([]byte(user))
	return fmt.Sprintf("+1202%07d", h.Sum32()%10_000_000)
}

// deriveAccount makes the account of a user; hooks is the URL under which the
// fake webhook targets live.
func deriveAccount(hooks string) func(user string) accounts.Account {
	return func(user string) accounts.Account {
		return accounts.Account{
			User: user, RefreshToken: "refresh-" + user, Phone: phoneOf(user), CalendarID: "primary",
			Webhooks: []string{hooks + user},
		}
	}
}

// probeSubjects is the failure plan of the probes' users: a flaky one fails its
// first provider call with a 503, a hopeless one fails every call with a 404.
func probeSubjects() map[string]providers.Subject {
	subjects := map[string]providers.Subject{}
	for _, spec := range queue.Specs() {
		flaky, hopeless := flakyPrefix+string(spec.Name), hopelessPrefix+string(spec.Name)
		for _, s := range []string{flaky, phoneOf(flaky)} {
			subjects[s] = providers.Subject{FailFirst: 1, Status: http.StatusServiceUnavailable}
		}
		for _, s := range []string{hopeless, phoneOf(hopeless)} {
			subjects[s] = providers.Subject{Always: true, Status: http.StatusNotFound}
		}
	}
	return subjects
}

// database is the application's database with one planned fault: it refuses the
// first read of a user of localQueue, the queue whose jobs call no provider and
// would otherwise have nothing to fail on.
type database struct {
	*accounts.Memory
	mu     sync.Mutex
	failed map[string]bool
}

// localQueue is the queue whose processor calls no provider.
const localQueue = queue.AdaptiveSync

func newDatabase(hooks string) *database {
	return &database{Memory: accounts.NewMemory(deriveAccount(hooks)), failed: map[string]bool{}}
}

// Get reads an account.
func (d *database) Get(ctx context.Context, user string) (accounts.Account, error) {
	if err := d.fault(user); err != nil {
		return accounts.Account{}, err
	}
	return d.Memory.Get(ctx, user)
}

func (d *database) fault(user string) error {
	if !strings.HasPrefix(user, flakyPrefix+string(localQueue)) {
		return nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.failed[user] {
		return nil
	}
	d.failed[user] = true
	return errDatabase
}
