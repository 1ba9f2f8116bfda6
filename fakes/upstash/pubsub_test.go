package upstash_test

import (
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// What is sent right behind a SUBSCRIBE, before its reply, meets a subscribed
// connection all the same.
func TestSubscribedFromTheMomentItIsSent(t *testing.T) {
	const both = "*3 | $9 | subscribe | $1 | a | :1 | *3 | $9 | subscribe | $1 | b | :2 | "
	f := start(t, settings(t))
	c := login(t, f)
	_, err := io.WriteString(c.conn, "SUBSCRIBE a b\r\nCLIENT ID\r\nHELLO 3\r\nUNSUBSCRIBE\r\nHELLO 3\r\nGET k\r\n")
	require.NoError(t, err)
	const refused = "': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context | "
	c.line(both + "-ERR Can't execute 'client id" + refused + "-ERR Can't execute 'hello" + refused +
		"*3 | $11 | unsubscribe | $1 | a | :1 | *3 | $11 | unsubscribe | $1 | b | :0 | " +
		"%7 | $6 | server | $5 | redis | $7 | version | $5 | 8.2.0 | $5 | proto | :3 | $2 | id | :1 | " +
		"$4 | mode | $10 | standalone | $4 | role | $6 | master | $7 | modules | *0 | _")

	c = login(t, f)
	_, err = io.WriteString(c.conn, "SUBSCRIBE a b\r\nPSUBSCRIBE n.*\r\nRESET\r\nAUTH '"+password+"'\r\nPUBLISH a m\r\nCLIENT ID\r\n")
	require.NoError(t, err)
	c.line(both + "*3 | $10 | psubscribe | $3 | n.* | :3 | +RESET | +OK | :0 | :2")
}

func TestHelloThatChangesTheProtocolWhileSubscribed(t *testing.T) {
	c := login(t, start(t, settings(t)))
	c.send("HELLO", "3")
	c.line("%7 | $6 | server | $5 | redis | $7 | version | $5 | 8.2.0 | $5 | proto | :3 | $2 | id | :1 | " +
		"$4 | mode | $10 | standalone | $4 | role | $6 | master | $7 | modules | *0")
	c.want(">3 | $9 | subscribe | $1 | a | :1", "SUBSCRIBE", "a")
	c.send("HELLO", "2")
	line, err := c.r.ReadString('\n')
	require.NoError(t, err)
	require.Contains(t, line, "-ERR Can't execute 'hello'")
	c.want(">3 | $11 | unsubscribe | $1 | a | :0", "UNSUBSCRIBE")
	c.want("_", "GET", "k")
}

// A storm of messages while the subscription comes and goes: none may be taken
// for a reply, and none may come when nobody listens.
func TestMessagesWhileTheSubscriptionComesAndGoes(t *testing.T) {
	f := start(t, settings(t))
	c, publisher := login(t, f), login(t, f)
	done := make(chan error, 1)
	go func() { done <- storm(publisher, 200) }()
	for range 2000 {
		_, err := io.WriteString(c.conn, "SUBSCRIBE c\r\nUNSUBSCRIBE c\r\nECHO end\r\n")
		require.NoError(t, err)
		var last string
		for line := ""; line != "end\r\n"; {
			line, err = c.r.ReadString('\n')
			require.NoError(t, err)
			if line == "message\r\n" {
				require.NotEqual(t, "unsubscribe", last)
			}
			last = eventIn(line, last)
		}
	}
	require.NoError(t, <-done)
}

// eventIn is the line if it names an event about a subscription, else last.
func eventIn(line, last string) string {
	switch name := strings.TrimSpace(line); name {
	case "subscribe", "unsubscribe":
		return name
	}
	return last
}

// storm publishes in batches of 100.
func storm(w *wire, batches int) error {
	for range batches {
		if _, err := io.WriteString(w.conn, strings.Repeat("PUBLISH c m\r\n", 100)); err != nil {
			return err
		}
		for range 100 {
			if _, err := w.r.ReadString('\n'); err != nil {
				return err
			}
		}
	}
	return nil
}
