package upstash

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"tollgate/fakes/upstash/commands"
	"tollgate/fakes/upstash/resp"
)

// What the two kinds of user may do, as rules of Redis.
const (
	rulesOfAll      = "+@all"
	rulesOfReadOnly = "-@all +@read -@dangerous"
)

// isACL says whether the server answers an ACL command; see changesUsers.
func isACL(name string) bool { return strings.HasPrefix(name, "ACL ") && !changesUsers(name) }

// changesUsers names the commands that would make users or change them, which this
// fake does not do: its users are those of Config.
func changesUsers(name string) bool {
	switch name {
	case "ACL SETUSER", "ACL DELUSER", "ACL GENTOKEN", "ACL LOAD", "ACL SAVE", "ACL LOG":
		return true
	}
	return false
}

// acl answers the ACL commands that only look, and RESTTOKEN. whoami is the name of
// the caller's user.
func (s *Server) acl(whoami, name string, args [][]byte) resp.Value {
	switch name {
	case "ACL WHOAMI":
		return resp.Bulk(whoami)
	case "ACL USERS":
		return s.users.list(func(who User) string { return who.Name })
	case "ACL LIST":
		return s.users.list(User.line)
	case "ACL GETUSER":
		if who := s.users.find(args[2]); who != nil {
			return who.details()
		}
		return resp.Nil()
	case "ACL CAT":
		return aclCategories(args[2:])
	case "ACL GENPASS":
		return newPassword(args[2:])
	default: // ACL RESTTOKEN
		if who := s.users.check(args[2], args[3]); who != nil {
			return resp.Bulk(s.tokens.of(who))
		}
		return resp.Errorf(textNoRESTToken, args[2])
	}
}

// list describes the users, in order of name.
func (u users) list(describe func(User) string) resp.Value {
	sorted := slices.SortedFunc(slices.Values(u), func(a, b User) int { return strings.Compare(a.Name, b.Name) })
	var items []resp.Value
	for _, who := range sorted {
		items = append(items, resp.Bulk(describe(who)))
	}
	return resp.List(items...)
}

// line is a user in ACL LIST.
func (u User) line() string {
	secret := "nopass"
	if u.Password != "" {
		secret = "#" + u.hash()
	}
	return fmt.Sprintf("user %s on %s ~* &* %s", u.Name, secret, u.rules())
}

// details is a user in ACL GETUSER, which has no selectors on Upstash.
func (u User) details() resp.Value {
	flags, passwords := []resp.Value{resp.Bulk("on")}, []resp.Value{}
	if u.Password == "" {
		flags = append(flags, resp.Bulk("nopass"))
	} else {
		passwords = append(passwords, resp.Bulk(u.hash()))
	}
	return resp.Value{Kind: resp.Map, Array: []resp.Value{
		resp.Bulk("flags"), resp.List(flags...),
		resp.Bulk("passwords"), resp.List(passwords...),
		resp.Bulk("commands"), resp.Bulk(u.rules()),
		resp.Bulk("keys"), resp.Bulk("~*"),
		resp.Bulk("channels"), resp.Bulk("&*"),
	}}
}

func (u User) rules() string {
	if u.ReadOnly {
		return rulesOfReadOnly
	}
	return rulesOfAll
}

// hash is how Redis shows a password.
func (u User) hash() string {
	sum := sha256.Sum256([]byte(u.Password))
	return hex.EncodeToString(sum[:])
}

// aclCategories answers ACL CAT [category] from what the table of commands knows.
func aclCategories(asked [][]byte) resp.Value {
	categories := []struct {
		name string
		has  func(commands.Command) bool
	}{
		{"read", func(c commands.Command) bool { return !c.NoReadOnly }},
		{"write", func(c commands.Command) bool { return c.Write }},
		{"dangerous", func(c commands.Command) bool { return c.NoReadOnly && !c.Write }},
	}
	var items []resp.Value
	for _, category := range categories {
		switch {
		case len(asked) == 0:
			items = append(items, resp.Bulk(category.name))
		case strings.EqualFold(category.name, string(asked[0])):
			for _, c := range commands.All() {
				if category.has(c) {
					items = append(items, resp.Bulk(strings.ReplaceAll(strings.ToLower(c.Name), " ", "|")))
				}
			}
		}
	}
	if items == nil {
		return resp.Errorf("ERR Unknown category '%s'", asked[0])
	}
	return resp.List(items...)
}

// newPassword answers ACL GENPASS [bits]: random hexadecimal digits.
func newPassword(asked [][]byte) resp.Value {
	bits := 256
	if len(asked) > 0 {
		var err error
		if bits, err = strconv.Atoi(string(asked[0])); err != nil || bits < 1 || bits > 4096 {
			return resp.Errorf("%s", textGenPass)
		}
	}
	digits := (bits + 3) / 4
	random := make([]byte, (digits+1)/2)
	rand.Read(random) // it never fails
	return resp.Bulk(hex.EncodeToString(random)[:digits])
}
