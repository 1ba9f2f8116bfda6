package jobs_test

import (
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/system/accounts"
	"tollgate/system/providers"
	"tollgate/system/queue"
)

func TestSuggestions(t *testing.T) {
	for _, name := range []queue.Name{queue.SuggestionGeneration, queue.SuggestionRegeneration} {
		for what, tc := range map[string]struct{ answer, want []string }{
			"some": {[]string{"Call Ada"}, []string{"Call Ada"}},
			"none": {nil, []string{}},
		} {
			t.Run(string(name)+" "+what, func(t *testing.T) {
				w := newWorld(t)
				w.change("u-1", func(a *accounts.Account) { a.Suggestions = []string{"old"} })
				if name == queue.SuggestionRegeneration {
					w.cache.EXPECT().Del(anything, "suggestions:u-1").Return(nil).Once()
				}
				w.suggest.EXPECT().Suggest(anything, "u-1", anything).Return(tc.answer, nil).Once()
				w.cache.EXPECT().Set(anything, "suggestions:u-1", tc.want, accounts.ViewTTL).Return(nil).Once()
				w.succeed(name, user1)
				require.ElementsMatch(t, tc.want, w.account("u-1").Suggestions)
			})
		}
	}
}

func TestSuggestionsTellWhatComesNext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		now := time.Now()
		w.change("u-1", func(a *accounts.Account) {
			a.Events = []providers.Event{{ID: "past", Summary: "Past", End: now.Add(-time.Minute)}}
			for i := range 9 {
				a.Events = append(a.Events, providers.Event{Summary: fmt.Sprint("Event ", i), End: now.Add(time.Hour)})
				a.Contacts = append(a.Contacts, providers.Contact{Name: fmt.Sprint("Friend ", i)})
			}
		})
		w.suggest.EXPECT().Suggest(anything, "u-1", []string{
			"event: Event 0", "event: Event 1", "event: Event 2", "event: Event 3", "event: Event 4",
			"contact: Friend 0", "contact: Friend 1", "contact: Friend 2", "contact: Friend 3", "contact: Friend 4",
		}).Return([]string{"x"}, nil).Once()
		w.cache.EXPECT().Set(anything, anything, anything, anything).Return(nil).Once()
		w.succeed(queue.SuggestionGeneration, user1)
	})
}

func TestRegenerationNeedsTheOldViewGone(t *testing.T) {
	w := newWorld(t)
	down := errors.New("cache down")
	w.cache.EXPECT().Del(anything, "suggestions:u-1").Return(down).Once()
	require.ErrorIs(t, w.run(queue.SuggestionRegeneration, user1), down)
}

// TestViewsAreWrittenThrough has the last step fail: the job must run again, or the API would go on showing the old view.
func TestViewsAreWrittenThrough(t *testing.T) {
	down := errors.New("cache down")
	for name, setUp := range map[queue.Name]func(w *world){
		queue.CalendarSync: func(w *world) {
			w.tokenCached("access")
			w.calendar.EXPECT().Sync(anything, "access", "work", "cal-1").Return(providers.Changes[providers.Event]{}, nil).Once()
		},
		queue.GoogleContactsSync: func(w *world) {
			w.tokenCached("access")
			w.people.EXPECT().Sync(anything, "access", "people-1").Return(providers.Changes[providers.Contact]{}, nil).Once()
		},
		queue.SuggestionGeneration: func(w *world) {
			w.suggest.EXPECT().Suggest(anything, "u-1", anything).Return([]string{"x"}, nil).Once()
		},
	} {
		t.Run(string(name), func(t *testing.T) {
			w := newWorld(t)
			setUp(w)
			w.cache.EXPECT().Set(anything, anything, anything, accounts.ViewTTL).Return(down).Once()
			err := w.run(name, user1)
			require.ErrorIs(t, err, down)
			require.NotErrorIs(t, err, queue.ErrPermanent)
		})
	}
}
