package conformance_test

import (
	"crypto/tls"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/fakes/memnet"
	"tollgate/fakes/upstash"
)

// Secrets that no honest log has by chance.
const (
	password       = "conformance-password"
	readerPassword = "conformance-reader-password"
)

// What goes wrong is logged, and what secrets were in it is not.
func TestSecretsAreNotLogged(t *testing.T) {
	var log recorder
	server, err := upstash.Start(t.Context(), upstash.Config{
		Network: memnet.TCP(), Logger: log.logger(),
		RESPAddr: "127.0.0.1:0", TLSAddr: "127.0.0.1:0", RESTAddr: "127.0.0.1:0", AdminAddr: "127.0.0.1:0",
		Tokens: []upstash.Token{{Value: fullToken}, {Value: readOnlyToken, ReadOnly: true}},
		Users:  []upstash.User{{Name: "default", Password: password}, {Name: "default_ro", Password: readerPassword, ReadOnly: true}},
	})
	require.NoError(t, err)

	for _, text := range []string{
		"AUTH " + password + "\r\nGET \"" + fullToken + "\r\n", // which breaks the protocol
		"*3\r\n$4\r\nAUTH\r\n$7\r\ndefault\r\n$3\r\n" + password + "\r\n",
		"*2\r\n$4\r\nAUTH\r\n$-" + password + "\r\n",
		"*" + readerPassword + "\r\n",
		"HELLO 3 AUTH default_ro " + readerPassword + "\r\n*" + fullToken + "\r\n",
	} {
		say(t, server.RESPAddr(), text)
		say(t, server.TLSAddr(), text)
	}
	conn, err := tls.Dial("tcp", server.TLSAddr(), &tls.Config{RootCAs: server.RootCAs(), ServerName: "localhost"})
	require.NoError(t, err)
	fmt.Fprintf(conn, "AUTH %s\r\n*x%s\r\n", password, readerPassword)
	_, _ = io.Copy(io.Discard, conn)
	conn.Close()

	say(t, strings.TrimPrefix(server.RESTURL(), "http://"), "GET /get/k?_token="+fullToken+" HTTP/9.9\r\nAuthorization: Bearer "+readOnlyToken+"\r\n\r\n")
	say(t, strings.TrimPrefix(server.RESTURL(), "http://"), "GET /get/k?_token="+fullToken+"%zz HTTP/1.1\r\nHost: x\r\nConnection: close\r\nbad header "+readOnlyToken+"\r\n\r\n")
	var shown strings.Builder
	for _, url := range []string{
		server.RESTURL() + "/get/k?_token=" + fullToken, server.RESTURL() + "/get/k?_token=" + fullToken + "x",
		server.RESTURL() + "/acl/resttoken/default/" + password + "?_token=" + fullToken[:4],
		server.AdminURL() + "/ledger", server.AdminURL() + "/ledger/recent", server.AdminURL() + "/bill",
	} {
		res, err := http.Get(url)
		require.NoError(t, err)
		_, err = io.Copy(&shown, res.Body)
		require.NoError(t, err)
		res.Body.Close()
	}
	http.DefaultClient.CloseIdleConnections()
	require.NoError(t, server.Close())
	require.Contains(t, log.String(), "connection ended", "what went wrong is logged")
	require.Contains(t, log.String(), "TLS handshake failed")
	require.Zero(t, log.secrets(), log.String())
	for _, secret := range []string{fullToken, readOnlyToken, password, readerPassword} {
		require.NotContains(t, shown.String(), secret)
	}
}

// say sends text and takes what comes until the other end hangs up.
func say(t *testing.T, addr, text string) {
	conn, err := net.Dial("tcp", addr)
	require.NoError(t, err)
	defer conn.Close()
	_, err = io.WriteString(conn, text)
	require.NoError(t, err)
	require.NoError(t, conn.(*net.TCPConn).CloseWrite())
	_, _ = io.Copy(io.Discard, conn) // which may break off
}

// Passwords and tokens are compared in constant time only: no "==" but with "",
// and nothing that leaves a search early.
func TestSecretsAreComparedInConstantTime(t *testing.T) {
	const dir = "../upstash"
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	require.NoError(t, err)
	constantTime := 0
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		parsed, err := parser.ParseFile(token.NewFileSet(), file, text, 0)
		require.NoError(t, err)
		ast.Inspect(parsed, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.BinaryExpr:
				compares := n.Op == token.EQL || n.Op == token.NEQ
				if compares && (isSecret(n.X) || isSecret(n.Y)) && !isEmpty(n.X) && !isEmpty(n.Y) {
					t.Errorf("%s: a secret is compared with %v near %q", file, n.Op, text[n.Pos()-1:n.End()-1])
				}
			case *ast.SelectorExpr:
				if n.Sel.Name == "ConstantTimeCompare" {
					constantTime++
				}
			case *ast.FuncDecl:
				if n.Name.Name == "findToken" {
					requireNoEarlyEnd(t, n)
				}
			}
			return true
		})
	}
	require.GreaterOrEqual(t, constantTime, 2, "passwords and tokens")
}

func isSecret(e ast.Expr) bool {
	field, ok := e.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	of, _ := field.X.(*ast.Ident)
	return field.Sel.Name == "Password" || (field.Sel.Name == "Value" && of != nil && strings.Contains(of.Name, "token"))
}

func isEmpty(e ast.Expr) bool {
	literal, ok := e.(*ast.BasicLit)
	return ok && literal.Value == `""`
}

// requireNoEarlyEnd wants that a search looks at every candidate.
func requireNoEarlyEnd(t *testing.T, f *ast.FuncDecl) {
	ast.Inspect(f, func(n ast.Node) bool {
		loop, ok := n.(*ast.RangeStmt)
		if !ok {
			return true
		}
		ast.Inspect(loop, func(n ast.Node) bool {
			switch n.(type) {
			case *ast.ReturnStmt, *ast.BranchStmt:
				t.Errorf("%s ends its search early", f.Name.Name)
			}
			return true
		})
		return false
	})
}
