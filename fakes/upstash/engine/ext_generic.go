package engine

import "tollgate/fakes/upstash/resp"

// waitaof is WAITAOF: everything is as durable at once as it gets, and there are no
// replicas.
func waitaof(_ *inside, args []string) resp.Value {
	local, ok := parseInt(args[0])
	if !ok || local < 0 || local > 1 {
		return fail("ERR value is out of range, must be between 0 and 1")
	}
	if replicas, ok := parseInt(args[1]); !ok || replicas < 0 {
		return fail("ERR value is out of range, must be positive")
	}
	timeout, ok := parseInt(args[2])
	switch {
	case !ok:
		return fail("ERR timeout is not an integer or out of range")
	case timeout < 0:
		return fail("ERR timeout is negative")
	}
	return resp.List(resp.Int(1), resp.Int(0))
}
