package restredis

import (
	"encoding/base64"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

// FuzzDecodeReply: no input makes the decoders panic, a value holds only the
// four types of Redis, and what is encoded as the API does comes back.
func FuzzDecodeReply(f *testing.F) {
	for _, seed := range []string{
		`{"result":null}`, `{"result":5}`, `{"result":"OK"}`, `{"result":"T0s="}`, `{"result":["dg==",null,[1]]}`,
		`{"error":"ERR no"}`, `{"error":null}`, `{"result":1e400}`, `{"result":{}}`, `[{"result":1},{"error":"x"}]`, `[null]`, `x`, ``,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		if r, err := decodeReply(body); err == nil && !r.failed {
			checkValue(t, r.value)
			again, err := decodeReply(encodeReply(t, r.value))
			require.NoError(t, err)
			require.Equal(t, r.value, again.value)
		}
		if replies, err := decodeBatch(body, 2); err == nil {
			require.Len(t, replies, 2)
		}
		errorText(body)
	})
}

func checkValue(t *testing.T, value any) {
	t.Helper()
	switch v := value.(type) {
	case nil, int64, string:
	case []any:
		for _, e := range v {
			checkValue(t, e)
		}
	default:
		t.Fatalf("a value of type %T", value)
	}
}

// encodeReply encodes a value as the REST API does.
func encodeReply(t *testing.T, value any) []byte {
	t.Helper()
	body, err := json.Marshal(map[string]any{"result": encodeValue(value)})
	require.NoError(t, err)
	return body
}

func encodeValue(value any) any {
	switch v := value.(type) {
	case string:
		return base64.StdEncoding.EncodeToString([]byte(v))
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = encodeValue(v[i])
		}
		return out
	default:
		return value
	}
}

func FuzzScrub(f *testing.F) {
	f.Add("ERR bad key user:1", "user:1", "t0ken")
	f.Fuzz(func(t *testing.T, text, arg, token string) {
		if token == "" {
			return
		}
		require.LessOrEqual(t, len(scrub(text, token, []string{arg})), maxMessage+3)
	})
}
