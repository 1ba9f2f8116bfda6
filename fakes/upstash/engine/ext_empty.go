package engine

import (
	"math"
	"strconv"

	"tollgate/fakes/upstash/resp"
)

// Where miniredis changes what it should not, or keeps what it should not.

// storesNothing makes SINTERSTORE and its likes: where there is nothing to store,
// there is no key.
func storesNothing(command string) func(*inside, []string) resp.Value {
	return func(in *inside, args []string) resp.Value {
		reply := in.do(append([]string{command}, args...)...)
		if reply.Kind == resp.Integer && reply.Int == 0 {
			in.do("DEL", args[0])
		}
		return reply
	}
}

// popsNone makes ZPOPMIN and ZPOPMAX with a count of 0.
func popsNone(in *inside, args []string) resp.Value {
	if _, wrong := in.holds(args[0], "zset"); wrong != nil {
		return *wrong
	}
	return resp.List()
}

func isCountZero(_ *inside, args []string) bool { return len(args) == 2 && args[1] == "0" }

// hincrby is HINCRBY, with Redis's checks.
func hincrby(in *inside, args []string) resp.Value {
	by, ok := parseInt(args[2])
	if !ok {
		return fail(textNotInt)
	}
	if _, wrong := in.holds(args[0], "hash"); wrong != nil {
		return *wrong
	}
	if present := in.do("HGET", args[0], args[1]); present.Kind != resp.Null {
		n, ok := parseInt(present.Text())
		switch {
		case !ok:
			return fail("ERR hash value is not an integer")
		case (by < 0 && n < math.MinInt64-by) || (by > 0 && n > math.MaxInt64-by):
			return fail("ERR increment or decrement would overflow")
		}
	}
	return in.do("HINCRBY", args[0], args[1], args[2])
}

// zincrby is ZINCRBY: infinity and its opposite have no sum.
func zincrby(in *inside, args []string) resp.Value {
	by, err := strconv.ParseFloat(args[1], 64)
	if err == nil && by != by {
		return fail("ERR value is not a valid float")
	}
	if err == nil && math.IsInf(by, 0) {
		present, err := strconv.ParseFloat(in.do("ZSCORE", args[0], args[2]).Text(), 64)
		if err == nil && math.IsInf(present, 0) && present != by {
			return fail("ERR resulting score is not a number (NaN)")
		}
	}
	sum := in.do("ZINCRBY", args[0], args[1], args[2])
	if score, err := strconv.ParseFloat(sum.Text(), 64); err == nil && in.resp3 {
		return resp.Value{Kind: resp.Double, Float: score}
	}
	return sum
}

// isSync says whether the one word of FLUSHDB or FLUSHALL is the one that miniredis
// does not know.
func isSync(_ *inside, args []string) bool { return len(args) == 1 && is(args[0], "SYNC") }

func flush(command string) func(*inside, []string) resp.Value {
	return func(in *inside, _ []string) resp.Value { return in.do(command) }
}

// isOddSetRange says whether SETRANGE is given what Redis refuses or, an empty
// value, what changes nothing.
func isOddSetRange(_ *inside, args []string) bool {
	return len(args) == 3 && (args[2] == "" || badSetRange(args) != "")
}

// setRange is SETRANGE with that.
func setRange(in *inside, args []string) resp.Value {
	if failed := badSetRange(args); failed != "" {
		return fail(failed)
	}
	if _, wrong := in.holds(args[0], "string"); wrong != nil {
		return *wrong
	}
	return in.do("STRLEN", args[0])
}
