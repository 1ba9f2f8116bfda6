package queue

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func FuzzParseSchedules(f *testing.F) {
	f.Add([]byte(`[{"queue":"token-refresh","spec":"37 * * * *","payload":{"user":"u-1"}}]`))
	f.Add([]byte(`[{"queue":"","spec":"* * * * * *","payload":null}]`))
	f.Fuzz(func(t *testing.T, data []byte) {
		schedules, err := parseSchedules(data)
		if err != nil {
			return
		}
		for _, s := range schedules {
			require.NoError(t, s.validate())
		}
	})
}
