package jobs_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/system/jobs"
	"tollgate/system/queue"
)

func decodeInto(dst any, text string) error { return json.Unmarshal([]byte(text), dst) }

// TestMalformedPayloads runs every processor on payloads that it cannot use: no dependency is called, the job is given
// up, and the reason says what is wrong.
func TestMalformedPayloads(t *testing.T) {
	onUser := map[string]string{
		``:                   "unexpected end of JSON input",
		`{"user":`:           "unexpected end of JSON input",
		`"u-1"`:              "cannot unmarshal string",
		`[]`:                 "cannot unmarshal array",
		`null`:               `"user" is missing or empty`,
		`{}`:                 `"user" is missing or empty`,
		`{"user":17}`:        "cannot unmarshal number",
		`{"user":"a b"}`:     `"user" "a b" has characters other than`,
		`{"user":"u-1"} x`:   "invalid character 'x'",
		`{"user":"../../x"}`: "has characters other than",
		`{"user":"` + strings.Repeat("u", 200) + `"}`: `"user" has 200 bytes, more than 128`,
	}
	onBatch := map[string]string{
		``:                     "unexpected end of JSON input",
		`{"user":"u-1"}`:       `"notifications" is missing or empty`,
		`{"notifications":[]}`: `"notifications" is missing or empty`,
		`{"notifications":[{"user":"u-1"},{"text":"hi"}]}`:                                  `notification 1: "user" is missing or empty`,
		`{"notifications":[` + strings.Repeat(`{"user":"u-1"},`, 1000) + `{"user":"u-1"}]}`: `holds 1001, more than 1000`,
	}
	for _, spec := range queue.Specs() {
		cases := onUser
		if spec.Name == queue.BatchNotifications {
			cases = onBatch
		}
		for payload, reason := range cases {
			t.Run(string(spec.Name)+" "+payload[:min(len(payload), 30)], func(t *testing.T) {
				err := newWorld(t).run(spec.Name, payload)
				require.ErrorIs(t, err, jobs.ErrPayload)
				require.ErrorIs(t, err, queue.ErrPermanent)
				require.ErrorContains(t, err, "malformed payload: ")
				require.ErrorContains(t, err, reason)
			})
		}
	}
}

// FuzzPayload looks for payloads that a processor neither refuses for good nor can work with.
func FuzzPayload(f *testing.F) {
	f.Add(`{"user":"u-1"}`)
	f.Add(`{"user":"u-1","enqueue_follow_up":true}`)
	f.Add(`{"user":null}`)
	f.Fuzz(func(t *testing.T, payload string) {
		w := newWorld(t)
		w.enqueuer.EXPECT().Enqueue(anything, queue.CalendarSync, anything, anything, anything).Return("", nil).Maybe()
		err := w.run(queue.AdaptiveSync, payload)
		var p struct {
			User   string `json:"user"`
			Follow bool   `json:"enqueue_follow_up"`
		}
		switch invalid := json.Unmarshal([]byte(payload), &p) != nil; {
		case invalid, p.User == "":
			require.ErrorIs(t, err, jobs.ErrPayload)
			require.ErrorIs(t, err, queue.ErrPermanent)
		case err != nil: // a user that is not there, or not a user's name at all
			require.ErrorIs(t, err, queue.ErrPermanent)
		default:
			require.Equal(t, "u-1", p.User)
		}
	})
}
