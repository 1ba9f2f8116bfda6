package recorded

import (
	"fmt"

	"tollgate/loadgen/profiles"
)

// The components of the service that are looked for.
const (
	cacheComponent = "cache"
	apiComponent   = "ratelimit"
	smsComponent   = "sms"
)

// counted is a number of the account, and where in it that stands.
type counted struct {
	times int64
	from  string
}

func (a account) cacheReads() counted {
	get, mget := a.sent(cacheComponent, "GET"), a.sent(cacheComponent, "MGET")
	return counted{get + mget, fmt.Sprintf("component %s: %d GET, %d MGET, which count as one read each", cacheComponent, get, mget)}
}

// cacheWrites and others that are one command each.
func (a account) cacheOf(name string) counted {
	n := a.sent(cacheComponent, name)
	return counted{n, fmt.Sprintf("component %s: %d %s", cacheComponent, n, name)}
}

// checks counts those of a limiter. The classic one sends ZREMRANGEBYSCORE at each check. The lean one sends ZLEXCOUNT,
// which no other does, and ZADD at each check that it allows; where both were used some ZADDs are the classic one's. The
// local one answers from memory, and its ZADDs write many checks at once.
func (a account) checks(component string) counted {
	classic, zadd := a.sent(component, "ZREMRANGEBYSCORE"), a.sent(component, "ZADD")
	lean := min(zadd, a.sent(component, "ZLEXCOUNT"))
	what := "no checks"
	switch {
	case classic > 0 && lean > 0:
		what = fmt.Sprintf("%d checks of the classic limiter, %d that the lean one allowed", classic, lean)
	case classic > 0:
		what = fmt.Sprintf("%d checks of the classic limiter, a ZREMRANGEBYSCORE each", classic)
	case lean > 0:
		what = fmt.Sprintf("%d checks that the lean limiter allowed, a ZADD each", lean)
	case zadd > 0:
		what = fmt.Sprintf("unknown, as a limiter with its log in memory (SOLE_PROCESS) wrote it with %d ZADD", zadd)
	}
	return counted{classic + lean, fmt.Sprintf("component %s: %s", component, what)}
}

// serviceShare is how much of the cache operations API requests and jobs cause inside the service: for each request as
// much as in the reference, and at most all.
func serviceShare(requests int, total profiles.Ops, reference profiles.Profile) profiles.Ops {
	if reference.APIRequests == 0 {
		return profiles.Ops{}
	}
	part := func(share, total int) int {
		return min(total, int(float64(share)*float64(requests)/float64(reference.APIRequests)))
	}
	r := reference.Cache.ServiceShare
	return profiles.Ops{
		Reads: part(r.Reads, total.Reads), Writes: part(r.Writes, total.Writes), Deletes: part(r.Deletes, total.Deletes),
	}
}
