package upstash

import "crypto/subtle"

// readOnlyUser is who logs in over TCP with the read-only token for a password, as
// https://upstash.com/docs/redis/troubleshooting/readonly_connection says.
const readOnlyUser = "default_ro"

// users are who may log in over TCP.
type users []User

// withReadOnlyUser adds the read-only user if there is a read-only token and nobody
// of that name.
func withReadOnlyUser(all []User, tokens []Token) []User {
	for _, user := range all {
		if user.Name == readOnlyUser {
			return all
		}
	}
	for _, token := range tokens {
		if token.ReadOnly {
			return append(all[:len(all):len(all)], User{Name: readOnlyUser, Password: token.Value, ReadOnly: true})
		}
	}
	return all
}

// initial is who a new connection belongs to: the default user, if that one
// needs no password, else nobody.
func (u users) initial() *User {
	if who := u.find([]byte(DefaultUser)); who != nil && who.Password == "" {
		return who
	}
	return nil
}

// check is the user of that name, if the password is right or none is needed.
func (u users) check(name, password []byte) *User {
	who := u.find(name)
	if who == nil {
		return nil
	}
	if who.Password == "" || subtle.ConstantTimeCompare([]byte(who.Password), password) == 1 {
		return who
	}
	return nil
}

func (u users) find(name []byte) *User {
	for i := range u {
		if u[i].Name == string(name) {
			return &u[i]
		}
	}
	return nil
}

// findToken is the token of that value. The time it takes does not tell how much
// of a wrong one was right.
func findToken(tokens []Token, value string) (found Token, ok bool) {
	for _, token := range tokens {
		if subtle.ConstantTimeCompare([]byte(token.Value), []byte(value)) == 1 {
			found, ok = token, true
		}
	}
	return found, ok
}
