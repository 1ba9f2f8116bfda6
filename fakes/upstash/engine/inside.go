package engine

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"sync/atomic"

	"github.com/alicebob/miniredis/v2/server"

	"tollgate/fakes/upstash/resp"
)

// inside runs commands for the engine itself while miniredis is locked, as a
// script does: with several of them nothing comes between. They are neither
// counted nor told of. It must be used only by who holds the lock.
type inside struct {
	srv  *server.Server
	peer *server.Peer
	out  bytes.Buffer
	in   *bufio.Reader // of out
	now  func() int64  // the moment that TTLs count from, in Unix time in milliseconds

	resp3 bool   // who is answered speaks RESP3
	sha   string // of the script that miniredis takes what runs here for

	scripts interface { // what runs scripts, by call of the extensions that are about them
		eval(name string, args []string) resp.Value
		manage(args []string) resp.Value
	}

	fieldsExpire atomic.Bool // some field of a hash has been given an expiry
}

// as runs f in a database, for who speaks RESP3 or does not.
func (i *inside) as(database int, resp3 bool, f func() resp.Value) resp.Value {
	before, outer := databaseOf(i.peer), i.resp3
	defer func() {
		i.resp3 = outer
		i.selects(before) // f may be a script that selected another
	}()
	i.resp3 = resp3
	i.selects(database)
	return f()
}

func (i *inside) selects(database int) {
	if database != databaseOf(i.peer) {
		i.do("SELECT", strconv.Itoa(database))
	}
}

// newInside takes on the context that miniredis makes for a script's commands; it
// says that miniredis is locked.
func newInside(srv *server.Server) (*inside, error) {
	caller := server.NewPeer(bufio.NewWriter(&bytes.Buffer{}))
	var ctx any
	srv.SetPreHook(func(peer *server.Peer, _ string, _ ...string) bool {
		if peer == caller {
			return false
		}
		ctx = peer.Ctx
		peer.WriteError("ERR seen") // and miniredis does not keep a script that fails
		return true
	})
	script := `redis.call("PING")`
	srv.Dispatch(caller, []string{"EVAL", script, "0"})
	srv.SetPreHook(nil)
	if ctx == nil {
		return nil, errors.New("engine: miniredis runs no script")
	}
	in := &inside{srv: srv, sha: hexSHA(script)}
	in.peer = server.NewPeer(bufio.NewWriter(&in.out))
	in.peer.Ctx = ctx
	in.in = bufio.NewReader(&in.out)
	return in, nil
}

// do runs a command and returns its reply, in the types of RESP2.
func (i *inside) do(command ...string) resp.Value {
	i.out.Reset()
	i.in.Reset(&i.out)
	i.srv.Dispatch(i.peer, command)
	i.peer.Flush()
	reply, err := resp.ReadValue(i.in, resp.Limits{MaxBytes: 1 << 40, MaxItems: 1 << 40})
	if err != nil {
		return resp.Errorf("ERR internal error of the embedded engine: reply of %s: %v", command[0], err)
	}
	if i.out.Cap() > maxIdleBuffer {
		i.out = bytes.Buffer{}
	}
	return reply
}

// strings is do for commands that answer a list of strings.
func (i *inside) strings(command ...string) ([]string, error) {
	reply := i.do(command...)
	if reply.IsError() {
		return nil, fmt.Errorf("engine: %s: %s", command[0], reply.Text())
	}
	texts := make([]string, len(reply.Array))
	for at, item := range reply.Array {
		texts[at] = item.Text()
	}
	return texts, nil
}
