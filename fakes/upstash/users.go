package upstash

import "crypto/subtle"

// users are who may log in over TCP.
type users []User

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
