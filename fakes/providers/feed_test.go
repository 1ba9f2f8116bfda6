package providers

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// everything walks all pages of a list.
func everything(t require.TestingT, f *feed, user, syncToken string, limit int) (records []record, token string) {
	pageToken := ""
	for range 1000 {
		p, err := f.list(user, syncToken, pageToken, limit)
		require.NoError(t, err)
		records = append(records, p.records...)
		if p.nextPage == "" {
			return records, p.nextToken
		}
		require.Empty(t, p.nextToken, "a sync token before the last page")
		pageToken = p.nextPage
	}
	require.FailNow(t, "the list does not end")
	return nil, ""
}

func TestFeedPages(t *testing.T) {
	f := newFeed(3, 10)
	var sizes []int
	pageToken := ""
	for range 3 {
		p, err := f.list("u-1", "", pageToken, 250)
		require.NoError(t, err)
		sizes = append(sizes, len(p.records))
		pageToken = p.nextPage
	}
	require.Equal(t, []int{10, 10, 5}, sizes)
	require.Empty(t, pageToken)
}

func TestFeedChanges(t *testing.T) {
	f := newFeed(3, 10)
	_, token := everything(t, f, "u-1", "", 0)
	first, token := everything(t, f, "u-1", token, 0)
	require.Equal(t, []record{{number: 2, revision: 1}, {number: 3, revision: 1}, {number: 26, revision: 1}}, first)
	second, _ := everything(t, f, "u-1", token, 0)
	require.Equal(t, []record{
		{number: 4, revision: 2},
		{number: 5, revision: 2},
		{number: 27, revision: 2},
		{number: 26, deleted: true},
	}, second)
	again, _ := everything(t, f, "u-1", token, 0)
	require.Equal(t, second, again, "the same token again")
}

// Whatever the sizes and however often the token is lost, a copy that takes in all changes equals the original.
func TestFeedCopyEqualsOriginal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := newFeed(rapid.IntRange(1, 4).Draw(t, "pages"), rapid.IntRange(1, 7).Draw(t, "page size"))
		limit := rapid.IntRange(0, 5).Draw(t, "limit")
		replica := map[int64]record{}
		token := ""
		for i := range rapid.IntRange(1, 30).Draw(t, "syncs") {
			used := token
			records, next := everything(t, f, "u", used, limit)
			for _, r := range records {
				if r.deleted {
					delete(replica, r.number)
				} else {
					replica[r.number] = r
				}
			}
			if rapid.Bool().Draw(t, fmt.Sprintf("keep token %d", i)) {
				token = next
			}
		}
		original, _ := everything(t, f, "u", "", 0)
		if token != "" {
			last, _ := everything(t, f, "u", token, 0)
			for _, r := range last {
				delete(replica, r.number)
				if !r.deleted {
					replica[r.number] = r
				}
			}
			original, _ = everything(t, f, "u", "", 0)
		}
		require.Len(t, replica, len(original))
		for _, r := range original {
			require.Equal(t, r, replica[r.number])
		}
	})
}

func TestFeedRefusesTokens(t *testing.T) {
	f := newFeed(3, 10)
	for _, test := range []struct {
		name, sync, page string
		want             error
	}{
		{"not a token", "yesterday", "", errTokenInvalid},
		{"another user's", "sync.0.0.u-2", "", errTokenInvalid},
		{"from the future", "sync.0.7.u-1", "", errTokenExpired},
		{"of another epoch", "sync.1.0.u-1", "", errTokenExpired},
		{"negative version", "sync.0.-1.u-1", "", errTokenInvalid},
		{"page: not a token", "", "2", errTokenInvalid},
		{"page: past the end", "", "page.-1.0.26", errTokenInvalid},
		{"page: backwards", "", "page.1.0.0", errTokenInvalid},
		{"page: from the future", "", "page.0.9.0", errTokenInvalid},
		{"page: with a tail", "", "page.-1.0.10.x", errTokenInvalid},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := f.list("u-1", test.sync, test.page, 0)
			require.ErrorIs(t, err, test.want)
		})
	}
}

func TestFeedExpire(t *testing.T) {
	f := newFeed(3, 10)
	_, token := everything(t, f, "u-1", "", 0)
	f.expire()
	_, err := f.list("u-1", token, "", 0)
	require.ErrorIs(t, err, errTokenExpired)
	_, token = everything(t, f, "u-1", "", 0)
	_, err = f.list("u-1", token, "", 0)
	require.NoError(t, err)
}

func FuzzFeedTokens(f *testing.F) {
	f.Add("sync.0.0.u-1", "", 0)
	f.Add("", "page.-1.0.10", 3)
	f.Add("sync.9223372036854775807.-1.", "page.0.1.9223372036854775807", -1)
	f.Fuzz(func(t *testing.T, syncToken, pageToken string, limit int) {
		feed := newFeed(2, 4)
		p, err := feed.list("u-1", syncToken, pageToken, limit)
		if err == nil && (p.nextPage == "") == (p.nextToken == "") {
			t.Fatalf("list(%q, %q): one token expected, got page %q and sync %q", syncToken, pageToken, p.nextPage, p.nextToken)
		}
	})
}

func FuzzParseAccess(f *testing.F) {
	f.Add("access-u-17-1798761600000")
	f.Add("access--1")
	f.Fuzz(func(t *testing.T, token string) {
		user, expiry := parseAccess(token)
		if user == "" {
			return
		}
		again, sameExpiry := parseAccess(accessToken(user, expiry))
		require.Equal(t, user, again)
		require.True(t, expiry.Equal(sameExpiry))
	})
}
