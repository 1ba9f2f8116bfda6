package rest

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"tollgate/fakes/upstash/commands"
	"tollgate/fakes/upstash/resp"
)

// errEmptyTransaction has no known text of the vendor's.
var errEmptyTransaction = errors.New("ERR empty transaction request")

// answer is a whole response.
type answer struct {
	status      int
	contentType string
	body        []byte
	writes      int    // commands that may have changed data
	events      Events // a stream in place of all of these
}

func failure(status int, text string) answer {
	return answer{status: status, contentType: typeJSON, body: appendError(nil, []byte(text))}
}

// call is one authenticated request.
type call struct {
	h         *handler
	ctx       context.Context // a call lives as long as its request
	principal Principal
	enc       encoding

	wantsEvents bool
}

// fromBody answers a request to "/".
func (c call) fromBody(body []byte) answer {
	args, err := parseCommand(body)
	if err != nil {
		return failure(http.StatusBadRequest, err.Error())
	}
	return c.single(args)
}

// fromPath answers a request whose path is a command.
func (c call) fromPath(path string, body []byte, query [][]byte) answer {
	args, err := parsePath(path)
	if err != nil {
		return failure(http.StatusBadRequest, err.Error())
	}
	if name := strings.ToUpper(string(args[0])); streams(name) {
		return c.listen(name, args) // clients send "[]" for a body, which is no argument
	}
	if len(body) > 0 {
		args = append(args, body)
	}
	return c.single(append(args, query...))
}

// single runs one command. Its failure is the request's.
func (c call) single(args [][]byte) answer {
	replies, writes, err := c.run([][][]byte{args})
	if err != nil {
		return c.engineFailure(err)
	}
	ans := answer{status: http.StatusOK, contentType: typeJSON, writes: writes}
	if replies[0].IsError() {
		ans.status = http.StatusBadRequest
	}
	if c.enc.resp2 {
		ans.contentType = typeRESP
		ans.body = resp.AppendValue(nil, replies[0], 2)
	} else {
		ans.body = c.enc.appendOutcome(nil, replies[0])
	}
	return ans
}

// pipeline runs commands that fail one by one.
func (c call) pipeline(body []byte) answer {
	cmds, err := parseCommands(body)
	if err != nil {
		return failure(http.StatusBadRequest, err.Error())
	}
	replies, writes, err := c.run(cmds)
	if err != nil {
		return c.engineFailure(err)
	}
	if !c.enc.resp2 {
		return answer{status: http.StatusOK, contentType: typeJSON, body: c.enc.outcomes(replies), writes: writes}
	}
	ans := answer{status: http.StatusOK, contentType: typeRESP, writes: writes}
	for _, v := range replies {
		ans.body = resp.AppendValue(ans.body, v, 2)
	}
	return ans
}

// transaction runs commands all together or not at all. It always answers in JSON.
func (c call) transaction(body []byte) answer {
	cmds, err := parseCommands(body)
	if errors.Is(err, errEmptyPipeline) {
		err = errEmptyTransaction
	}
	if err != nil {
		return failure(http.StatusBadRequest, err.Error())
	}
	for _, args := range cmds {
		refusal := c.refusal(args)
		if cmd, ok := commands.Lookup(args); refusal == "" && ok && !cmd.Accepts(len(args)) {
			c.h.backend.Refused(c.principal, cmd.Name, false)
			refusal = commands.WrongArity(cmd.Name)
		}
		if refusal != "" {
			return failure(http.StatusBadRequest, refusal)
		}
	}
	replies, err := c.do(cmds, true)
	if discarded := (*DiscardedError)(nil); errors.As(err, &discarded) {
		return failure(http.StatusBadRequest, discarded.Reply)
	}
	if err != nil {
		return c.engineFailure(err)
	}
	return answer{
		status: http.StatusOK, contentType: typeJSON,
		body: c.enc.outcomes(replies), writes: countWrites(cmds, replies),
	}
}
