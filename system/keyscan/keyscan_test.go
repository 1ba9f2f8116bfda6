package keyscan

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

// server holds keys and answers scans of them in pages.
type server struct {
	keys  []string
	page  int
	dels  [][]string
	fails int // the DEL that fails, counted from 1; 0 for none
}

var errDel = errors.New("DEL failed")

func (s *server) scan(_ context.Context, cursor string) (string, []string, error) {
	from, err := strconv.Atoi(cursor)
	if err != nil {
		return "", nil, err
	}
	to := min(from+s.page, len(s.keys))
	next := "0"
	if to < len(s.keys) {
		next = strconv.Itoa(to)
	}
	return next, s.keys[from:to], nil
}

func (s *server) del(_ context.Context, keys ...string) (int64, error) {
	s.dels = append(s.dels, keys)
	if len(s.dels) == s.fails {
		return 0, errDel
	}
	return int64(len(keys)), nil
}

func numbered(n int) []string {
	keys := make([]string, n)
	for i := range keys {
		keys[i] = fmt.Sprint("k", i)
	}
	return keys
}

func TestDelete(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		keys, page int
		dels       []int
	}{
		{0, PageSize, nil},
		{1, PageSize, []int{1}},
		{MaxDelKeys + 1, PageSize, []int{MaxDelKeys, 1}},
		{25, 10, []int{10, 10, 5}},
	} {
		s := &server{keys: numbered(tt.keys), page: tt.page}
		deleted, err := Delete(t.Context(), s.scan, s.del)
		require.NoError(t, err)
		require.EqualValues(t, tt.keys, deleted)
		var sizes []int
		var all []string
		for _, keys := range s.dels {
			sizes = append(sizes, len(keys))
			all = append(all, keys...)
		}
		require.Equal(t, tt.dels, sizes)
		require.ElementsMatch(t, s.keys, all)
	}
}

func TestDeleteReportsWhatItDidBeforeAnError(t *testing.T) {
	t.Parallel()
	s := &server{keys: numbered(30), page: 10, fails: 3}
	deleted, err := Delete(t.Context(), s.scan, s.del)
	require.ErrorIs(t, err, errDel)
	require.EqualValues(t, 20, deleted)
	require.Len(t, s.dels, 3, "nothing is sent after the error")

	_, err = Delete(t.Context(), func(context.Context, string) (string, []string, error) { return "", nil, context.Canceled }, s.del)
	require.ErrorIs(t, err, context.Canceled)
}

func TestDeleteEnds(t *testing.T) {
	t.Parallel()
	none := func(context.Context, ...string) (int64, error) { return 0, nil }
	_, err := Delete(t.Context(), func(context.Context, string) (string, []string, error) { return "7", nil, nil }, none)
	require.ErrorIs(t, err, ErrEndless)
	require.ErrorContains(t, err, "cursor 7 came back after 1 pages")

	calls := 0
	_, err = Delete(t.Context(), func(context.Context, string) (string, []string, error) {
		calls++
		return strconv.Itoa(calls), nil, nil
	}, none)
	require.ErrorIs(t, err, ErrEndless)
	require.Equal(t, MaxPages, calls)
}

func TestChunkSize(t *testing.T) {
	t.Parallel()
	require.Equal(t, 3, chunkSize(numbered(3)))
	require.Equal(t, MaxDelKeys, chunkSize(numbered(2*MaxDelKeys)))
	big := string(make([]byte, MaxDelBytes))
	require.Equal(t, 1, chunkSize([]string{big + "x", "k"}), "one key always fits")
	require.Equal(t, 1, chunkSize([]string{big, "k"}))
	require.Equal(t, 2, chunkSize([]string{big[1:], "k", "k"}))
}
