package upstash_test

import (
	"regexp"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// What CLIENT LIST says of others, word for word.
func TestClientListSaysWhatConnectionsDo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t, settings(t))
		c, subscribed, monitor, stranger := login(t, f), login(t, f), login(t, f), dial(t, f)
		monitorIdle := regexp.MustCompile(`idle=[03] (flags=O)`) // 0 where the monitor has been shown CLIENT LIST already
		time.Sleep(5 * time.Second)
		subscribed.want("*3 | $9 | subscribe | $1 | a | :1 | *3 | $9 | subscribe | $1 | b | :2", "SUBSCRIBE", "a", "b")
		subscribed.want("*3 | $10 | psubscribe | $1 | n | :3", "PSUBSCRIBE", "n")
		monitor.want("+OK", "MONITOR")
		time.Sleep(3 * time.Second)
		c.send("CLIENT", "LIST")
		_, err := c.r.ReadString('\n')
		require.NoError(t, err)
		for _, row := range []struct {
			id   string
			of   *wire
			rest string
		}{
			{"1", c, "idle=0 flags=N db=0 sub=0 psub=0 cmd=client|list user=default resp=2 lib-name= lib-ver= tot-cmds=2"},
			{"2", subscribed, "idle=3 flags=P db=0 sub=2 psub=1 cmd=psubscribe user=default resp=2 lib-name= lib-ver= tot-cmds=3"},
			{"3", monitor, "idle=3 or 0 flags=O db=0 sub=0 psub=0 cmd=monitor user=default resp=2 lib-name= lib-ver= tot-cmds=2"},
			{"4", stranger, "idle=8 flags=N db=0 sub=0 psub=0 cmd=NULL user= resp=2 lib-name= lib-ver= tot-cmds=0"},
		} {
			line, err := c.r.ReadString('\n')
			require.NoError(t, err)
			line = monitorIdle.ReplaceAllString(line, "idle=3 or 0 $1")
			require.Equal(t, "id="+row.id+" addr="+row.of.conn.LocalAddr().String()+" laddr="+f.RESPAddr()+" name= age=8 "+row.rest+"\n", line)
		}
	})
}

// go-redis understands it.
func TestClientInfoForGoRedis(t *testing.T) {
	f := start(t, settings(t))
	o := f.options()
	o.ClientName = "api"
	info, err := client(t, o).ClientInfo(t.Context()).Result()
	require.NoError(t, err)
	require.Equal(t, "api", info.Name)
	require.Equal(t, "default", info.User)
	require.Equal(t, "client|info", info.LastCmd)
	require.Positive(t, info.TotalCmds)
}

// Sub-commands of CLIENT that Upstash does not have fail and count as unsupported.
func TestClientCommandsThatUpstashHasNot(t *testing.T) {
	f := start(t, settings(t))
	c := login(t, f)
	for _, name := range []string{"KILL", "TRACKING", "NO-EVICT", "MAINT_NOTIFICATIONS", "REPLY", "PAUSE", "UNBLOCK"} {
		c.want("-ERR Command is not available: 'CLIENT "+name+"'. See https://upstash.com/docs/redis/overall/rediscompatibility for details",
			"CLIENT", name, "on")
	}
	require.EqualValues(t, 7, f.Ledger().Snapshot().Unsupported)
}

// Setting up a connection goes wrong in Redis's words, and without a change.
func TestHandshakeTexts(t *testing.T) {
	c := dial(t, start(t, settings(t)))
	c.want("-NOAUTH Authentication required", "HELLO", "3")
	c.want("-ERR Syntax error in HELLO option 'COLOUR'", "HELLO", "3", "COLOUR", "red")
	c.want("-WRONGPASS invalid username-password pair or user is disabled", "HELLO", "2", "AUTH", "default", "guess", "SETNAME", "x")
	c.want("+OK", "AUTH", password)
	c.want("$-1", "CLIENT", "GETNAME")
	c.want("+OK", "MULTI")
	c.want("-ERR Command not allowed inside a transaction", "AUTH", password)
	c.want("-EXECABORT Transaction discarded because of previous errors.", "EXEC")
	c.want("-ERR EXEC without MULTI", "EXEC")
	c.want("-ERR DISCARD without MULTI", "DISCARD")
	c.want("+OK", "WATCH", "k")
	c.want("+OK", "MULTI")
	c.want("-ERR WATCH inside MULTI is not allowed", "WATCH", "k")
	c.want("+OK", "DISCARD")
}

func TestWatchedKeyThatChangesEndsTheTransaction(t *testing.T) {
	f := start(t, settings(t))
	c, other := login(t, f), login(t, f)
	c.want("+OK", "WATCH", "k")
	other.want("+OK", "SET", "k", "theirs")
	c.want("+OK", "MULTI")
	c.want("+QUEUED", "SET", "k", "mine")
	c.want("*-1", "EXEC")
	c.want("$6 | theirs", "GET", "k")
}
