package upstash

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
)

// userTokens are the REST tokens that ACL RESTTOKEN gives users. A user's is made from
// the name and a secret of the server's, so that none has to be kept: it opens the
// REST door until the server closes.
type userTokens struct{ secret []byte }

func newUserTokens() userTokens {
	secret := make([]byte, sha256.Size)
	rand.Read(secret) // it never fails
	return userTokens{secret}
}

// of is the user's token.
func (t userTokens) of(who *User) string {
	mac := hmac.New(sha256.New, t.secret)
	mac.Write([]byte(who.Name))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// find is the user whose token has that value, or nil. The time it takes does not
// tell how much of a wrong one was right.
func (t userTokens) find(all users, value string) (found *User) {
	for i := range all {
		if subtle.ConstantTimeCompare([]byte(t.of(&all[i])), []byte(value)) == 1 {
			found = &all[i]
		}
	}
	return found
}
