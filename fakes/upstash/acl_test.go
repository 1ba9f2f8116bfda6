package upstash_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/fakes/upstash"
)

const roToken = "letter for readers"

// withReaders adds a read-only token, and so the user default_ro, and a user of
// another name.
func withReaders(t *testing.T) upstash.Config {
	cfg := settings(t)
	cfg.Tokens = append(cfg.Tokens, upstash.Token{Value: roToken, ReadOnly: true})
	cfg.Users = append(cfg.Users, upstash.User{Name: "upstash", Password: "secret"}, upstash.User{Name: "anybody"})
	return cfg
}

func hashOf(password string) string {
	sum := sha256.Sum256([]byte(password))
	return hex.EncodeToString(sum[:])
}

func TestACL(t *testing.T) {
	f := start(t, withReaders(t))
	c := login(t, f)
	c.want("$7 | default", "ACL", "WHOAMI")
	c.want("*4 | $7 | anybody | $7 | default | $10 | default_ro | $7 | upstash", "ACL", "USERS")
	c.want("*10 | $5 | flags | *1 | $2 | on | $9 | passwords | *1 | $64 | "+hashOf(password)+
		" | $8 | commands | $5 | +@all | $4 | keys | $2 | ~* | $8 | channels | $2 | &*", "ACL", "GETUSER", "default")
	c.want("*10 | $5 | flags | *1 | $2 | on | $9 | passwords | *1 | $64 | "+hashOf(roToken)+
		" | $8 | commands | $24 | -@all +@read -@dangerous | $4 | keys | $2 | ~* | $8 | channels | $2 | &*", "ACL", "GETUSER", "default_ro")
	c.want("*10 | $5 | flags | *2 | $2 | on | $6 | nopass | $9 | passwords | *0"+
		" | $8 | commands | $5 | +@all | $4 | keys | $2 | ~* | $8 | channels | $2 | &*", "ACL", "GETUSER", "anybody")
	c.want("$-1", "ACL", "GETUSER", "nobody")
	c.want("*3 | $4 | read | $5 | write | $9 | dangerous", "ACL", "CAT")
	c.want("-ERR Unknown category 'fast'", "ACL", "CAT", "fast")
	c.want("-ERR wrong number of arguments for 'acl|getuser' command", "ACL", "GETUSER")

	c.send("ACL", "LIST")
	c.line("*4 | $34 | user anybody on nopass ~* &* +@all")
	for _, want := range []string{
		"user default on #" + hashOf(password) + " ~* &* +@all",
		"user default_ro on #" + hashOf(roToken) + " ~* &* -@all +@read -@dangerous",
		"user upstash on #" + hashOf("secret") + " ~* &* +@all",
	} {
		_, err := c.r.ReadString('\n')
		require.NoError(t, err)
		c.line(want)
	}

	c.send("ACL", "CAT", "dangerous")
	count, err := c.r.ReadString('\n')
	require.NoError(t, err)
	require.Regexp(t, `^\*[1-9]`, count)
	c.line("$7 | acl|cat")
}

func TestACLGenPass(t *testing.T) {
	c := login(t, start(t, settings(t)))
	seen := map[string]bool{}
	for _, row := range []struct {
		bits   []string
		digits int
	}{{nil, 64}, {nil, 64}, {[]string{"1"}, 1}, {[]string{"5"}, 2}, {[]string{"4096"}, 1024}} {
		c.send(append([]string{"ACL", "GENPASS"}, row.bits...)...)
		_, err := c.r.ReadString('\n')
		require.NoError(t, err)
		digits, err := c.r.ReadString('\n')
		require.NoError(t, err)
		require.Regexp(t, "^[0-9a-f]+\r\n$", digits)
		require.Len(t, digits, row.digits+2)
		require.False(t, seen[digits])
		seen[digits] = true
	}
	for _, bits := range []string{"0", "4097", "many"} {
		c.want("-ERR ACL GENPASS argument must be the number of bits for the output password, a positive number up to 4096",
			"ACL", "GENPASS", bits)
	}
}

// A REST token made over TCP opens the REST door with its user's rights.
func TestACLRESTToken(t *testing.T) {
	cfg := withReaders(t)
	f := start(t, cfg)
	c := login(t, f)
	c.want(`-ERR Wrong password or user "upstash" does not exist`, "ACL", "RESTTOKEN", "upstash", "guess")
	c.want(`-ERR Wrong password or user "nobody" does not exist`, "ACL", "RESTTOKEN", "nobody", "secret")
	w := web(t, f)
	ask := func(token, command string) (int, string) {
		return post(t, w, f.RESTURL()+"/?_token="+url.QueryEscape(token), command)
	}
	tokenOf := func(user, password string) string {
		status, answer := ask(token, `["ACL","RESTTOKEN","`+user+`","`+password+`"]`)
		require.Equal(t, http.StatusOK, status, answer)
		var reply struct{ Result string }
		require.NoError(t, json.Unmarshal([]byte(answer), &reply))
		return reply.Result
	}
	full, ro := tokenOf("upstash", "secret"), tokenOf("default_ro", roToken)
	require.NotEqual(t, full, ro)
	c.want("$43 | "+full, "ACL", "RESTTOKEN", "upstash", "secret")

	for _, row := range []struct{ token, command, result string }{
		{full, `["SET","k","v"]`, `{"result":"OK"}`},
		{full, `["ACL","WHOAMI"]`, `{"result":"upstash"}`},
		{ro, `["GET","k"]`, `{"result":"v"}`},
		{ro, `["ACL","WHOAMI"]`, `{"result":"default_ro"}`},
		{ro, `["SET","k","w"]`, `{"error":"NOPERM this user has no permissions to run the 'set' command or its subcommand"}`},
		{token, `["ACL","WHOAMI"]`, `{"result":"default"}`},
		{roToken, `["ACL","WHOAMI"]`, `{"result":"default_ro"}`},
		{token, `["ACL","GETUSER","nobody"]`, `{"result":null}`},
	} {
		_, answer := ask(row.token, row.command)
		require.JSONEq(t, row.result, answer, row.command)
	}
	status, _ := ask(full[:42], `["GET","k"]`)
	require.Equal(t, http.StatusUnauthorized, status)
	require.EqualValues(t, 2, f.Ledger().Snapshot().ByComponent["upstash"].Wire)
	other := start(t, withReaders(t))
	status, _ = post(t, web(t, other), other.RESTURL()+"/?_token="+full, `["GET","k"]`)
	require.Equal(t, http.StatusUnauthorized, status, "a token is one server's")
}

// Users are not made or changed while the server runs, and monitors see no password.
func TestACLCommandsThatChangeUsers(t *testing.T) {
	f := start(t, settings(t))
	c, monitor := login(t, f), login(t, f)
	monitor.want("+OK", "MONITOR")
	commands := []string{"SETUSER", "DELUSER", "GENTOKEN"}
	for _, name := range commands {
		c.want("-ERR this fake has no 'ACL "+name+"', although Upstash has: its users are those it was started with",
			"ACL", name, "someone", ">hidden")
	}
	require.EqualValues(t, len(commands), f.Ledger().Snapshot().Unsupported)
	c.want(`-ERR Wrong password or user "x" does not exist`, "ACL", "RESTTOKEN", "x", "hidden")
	line, err := monitor.r.ReadString('\n')
	require.NoError(t, err)
	require.True(t, strings.HasSuffix(line, `"ACL" "RESTTOKEN"`+"\r\n"), line)
}

func TestReadOnlyTokenIsAPassword(t *testing.T) {
	cfg := withReaders(t)
	f := start(t, cfg)
	c := dial(t, f)
	c.want("-WRONGPASS invalid username-password pair or user is disabled", "AUTH", roToken)
	c.want("+OK", "AUTH", "default_ro", roToken)
	c.want("$-1", "GET", "k")
	c.want("-NOPERM this user has no permissions to run the 'set' command or its subcommand", "SET", "k", "v")
	c.want("$10 | default_ro", "ACL", "WHOAMI")

	cfg = withReaders(t)
	cfg.Users = append(cfg.Users, upstash.User{Name: "default_ro", Password: "own", ReadOnly: true})
	c = dial(t, start(t, cfg))
	c.want("-WRONGPASS invalid username-password pair or user is disabled", "AUTH", "default_ro", roToken)
	c.want("+OK", "AUTH", "default_ro", "own")
}
