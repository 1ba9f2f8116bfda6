package engine

import (
	"bufio"
	"bytes"
	"math"
	"strconv"
	"strings"

	"github.com/alicebob/miniredis/v2/server"

	"tollgate/fakes/upstash/resp"
)

// multiPop is a call of BLMPOP, taken apart.
type multiPop struct {
	timeout string // in seconds
	keys    []string
	side    string // LEFT or RIGHT
	count   int64
}

func parseMultiPop(args []string) (p multiPop, failed string) {
	seconds, err := strconv.ParseFloat(args[0], 64)
	switch {
	case err != nil || math.IsNaN(seconds) || math.IsInf(seconds, 0):
		return p, "ERR timeout is not a float or out of range"
	case seconds < 0:
		return p, "ERR timeout is negative"
	}
	n, ok := parseInt(args[1])
	switch {
	case !ok || n < 1:
		return p, "ERR numkeys should be greater than 0"
	case n > int64(len(args)-3):
		return p, textSyntax
	}
	p = multiPop{timeout: args[0], keys: args[2 : 2+n], side: strings.ToUpper(args[2+n]), count: 1}
	rest := args[3+n:]
	switch {
	case p.side != "LEFT" && p.side != "RIGHT":
		return p, textSyntax
	case len(rest) == 0:
		return p, ""
	case len(rest) != 2 || !is(rest[0], "COUNT"):
		return p, textSyntax
	}
	if p.count, ok = parseInt(rest[1]); !ok || p.count < 1 {
		return p, "ERR count should be greater than 0"
	}
	return p, ""
}

// pop is LMPOP.
func (p multiPop) pop(in *inside, keys []string, count int64) resp.Value {
	words := append([]string{"LMPOP", strconv.Itoa(len(keys))}, keys...)
	return in.do(append(words, p.side, "COUNT", strconv.FormatInt(count, 10))...)
}

// blmpop is BLMPOP where it does not wait: within a transaction.
func blmpop(in *inside, args []string) resp.Value {
	p, failed := parseMultiPop(args)
	if failed != "" {
		return fail(failed)
	}
	return p.pop(in, p.keys, p.count)
}

// waitToPop is BLMPOP where it may wait. While there is nothing miniredis's BLPOP
// waits for the first item; more of them are taken after it.
func (s *served) waitToPop(c call) resp.Value {
	first := s.now(c)
	p, failed := parseMultiPop(c.args)
	if failed != "" || first.Kind != resp.Null {
		return first
	}
	name := map[string]string{"LEFT": "BLPOP", "RIGHT": "BRPOP"}[p.side]
	popped := s.wait(append(append([]string{name}, p.keys...), p.timeout))
	if len(popped.Array) != 2 {
		return popped
	}
	key, got := popped.Array[0], popped.Array[1:]
	if p.count > 1 {
		more := s.now(call{name: c.name, args: c.args, extension: extension{arity: c.arity, run: func(in *inside, _ []string) resp.Value {
			return p.pop(in, []string{key.Text()}, p.count-1)
		}}})
		if len(more.Array) == 2 {
			got = append(got, more.Array[1].Array...)
		}
	}
	return resp.List(key, resp.List(got...))
}

// wait runs a command of miniredis's that waits, and is its reply in the types of
// RESP2. It ends when the client leaves.
func (s *served) wait(command []string) resp.Value {
	var out bytes.Buffer
	peer := server.NewPeer(bufio.NewWriter(&out))
	peer.Ctx = s.peer.Ctx
	s.waiting.Store(peer)
	defer s.waiting.Store(nil)
	if s.peer.Closed() {
		peer.Close() // who reads may have looked for it before
	}
	s.srv.Dispatch(peer, command)
	peer.Flush()
	reply, err := resp.ReadValue(bufio.NewReader(&out), resp.Limits{})
	if err != nil {
		return resp.Nil() // it was not answered: nobody is there
	}
	return reply
}
