package rest_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tollgate/fakes/upstash/rest"
)

// Every value that a form can carry comes back as it went in.
func TestValuesSurvive(t *testing.T) {
	h := rest.NewHandler(newBackend(t), rest.Config{})
	rapid.Check(t, func(t *rapid.T) {
		key := string(rapid.SliceOfN(rapid.Byte(), 1, 20).Draw(t, "key"))
		value := string(rapid.SliceOf(rapid.Byte()).Draw(t, "value"))
		form := rapid.SampledFrom([]string{"path", "raw body", "json", "pipeline"}).Draw(t, "form")
		var q request
		switch form {
		case "path":
			q = get("/set/" + url.PathEscape(key) + "/" + url.PathEscape(value))
		case "raw body":
			value += "." // an empty body is no argument
			q = request{target: "/set/" + url.PathEscape(key), body: value}
		default:
			if !utf8.ValidString(key) || !utf8.ValidString(value) {
				key, value = base64.StdEncoding.EncodeToString([]byte(key)), base64.StdEncoding.EncodeToString([]byte(value))
			}
			body, err := json.Marshal([]string{"SET", key, value})
			require.NoError(t, err)
			q = post(string(body))
			if form == "pipeline" {
				q = request{target: "/pipeline", body: "[" + string(body) + "]"}
			}
		}
		require.Equal(t, http.StatusOK, send(h, q).Code)

		w := send(h, with(get("/get/"+url.PathEscape(key)), base64Header))
		require.Equal(t, http.StatusOK, w.Code)
		var got struct{ Result []byte } // encoding/json takes base64 for bytes
		require.NoError(t, json.Unmarshal(w.Body.Bytes(), &got))
		require.Equal(t, value, string(got.Result))
	})
}

// Numbers arrive as they were written, however large or precise.
func TestNumbersKeepTheirDigits(t *testing.T) {
	h := rest.NewHandler(newBackend(t), rest.Config{})
	rapid.Check(t, func(t *rapid.T) {
		number := rapid.StringMatching(`-?(0|[1-9][0-9]{0,30})(\.[0-9]{1,30})?([eE][+-]?[0-9]{1,4})?`).Draw(t, "number")
		w := send(h, post(fmt.Sprintf(`["ECHO", %s]`, number)))
		require.Equal(t, fmt.Sprintf(`{"result":"%s"}`, number), w.Body.String()) //nolint:testifylint // the exact bytes are what is promised
	})
}
