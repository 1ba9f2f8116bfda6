package engine

import (
	"slices"
	"strconv"
	"strings"

	"tollgate/fakes/upstash/resp"
)

// maxTTL is the longest time that miniredis can count, in milliseconds: 290 years.
// Longer ones are cut.
const maxTTL = 290 * 365 * 24 * 3600 * 1000

// expire makes EXPIRE and its likes: miniredis counts from another moment than the
// one up to which it has passed time on, and does not check the range.
func expire(command string, m moment) func(*inside, []string) resp.Value {
	return func(in *inside, args []string) resp.Value {
		at, ok := parseInt(args[1])
		if !ok {
			return fail(textNotInt)
		}
		const most = 1<<63 - 1
		base := int64(0)
		if !m.absolute {
			base = in.now()
		}
		if at > (most-base)/m.unit || at < -most/m.unit {
			return fail("ERR invalid expire time in '" + command + "' command")
		}
		left := min(base+at*m.unit-in.now(), maxTTL)
		return in.do(append([]string{"PEXPIRE", args[0], strconv.FormatInt(left, 10)}, args[2:]...)...)
	}
}

// ttl makes TTL and its likes, which answer in units and round to the nearest.
func ttl(m moment) func(*inside, []string) resp.Value {
	return func(in *inside, args []string) resp.Value {
		left := in.do("PTTL", args[0])
		if left.IsError() || left.Int < 0 {
			return left
		}
		base := int64(0)
		if m.absolute {
			base = in.now()
		}
		return resp.Int((base + left.Int + m.unit/2) / m.unit)
	}
}

// setsTime says whether the words of GETEX after its name have a moment, which
// miniredis does not count exactly, or a time that is wrong.
func setsTime(_ *inside, args []string) bool {
	for i, word := range args[min(1, len(args)):] {
		m, ok := moments[strings.ToUpper(word)]
		if ok && i+2 < len(args) && (m.absolute || badTime(args[i+2], m, "") != "") {
			return true
		}
	}
	return false
}

// relative turns an expiry that is a moment into one that is a time, which is
// exact in miniredis, and says whether it is past.
func (i *inside) relative(words []string) (exact []string, past bool) {
	exact = slices.Clone(words)
	for at := 0; at+1 < len(exact); at++ {
		m, known := moments[strings.ToUpper(exact[at])]
		n, ok := parseInt(exact[at+1])
		if !known || !ok || n <= 0 || n > (1<<63-1)/m.unit {
			continue
		}
		left := n * m.unit
		if m.absolute {
			left -= i.now()
		}
		past = past || left <= 0
		exact[at], exact[at+1] = "PX", strconv.FormatInt(min(max(left, 1), maxTTL), 10)
	}
	return exact, past
}

// isLong says whether the words of EXPIRE or PEXPIRE after its name have so long a
// time that miniredis might not count it.
func isLong(_ *inside, args []string) bool { return len(args) > 1 && len(args[1]) > len("999999999") }
