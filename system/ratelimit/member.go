package ratelimit

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"
)

const (
	// separator ends a subject and a time in a member. No escaped subject contains it.
	separator = "\x00"
	// afterSeparator is the smallest byte above it: the end of a subject's range.
	afterSeparator = "\x01"
	// stampDigits is the width of a time: microseconds since 1970 have 16 digits until the year 2286.
	stampDigits = 16
	// maxSubject is the longest subject, in bytes, that is written out; a longer one is hashed.
	maxSubject = 128
)

// escape turns a subject into printable ASCII without spaces, different subjects into different text: other bytes and "%" become
// "%XX", and a subject of more than 128 bytes becomes its SHA-256. Redis would take any bytes, but JSON over REST would not.
func escape(subject string) string {
	if len(subject) > maxSubject {
		sum := sha256.Sum256([]byte(subject))
		return "%sha256:" + hex.EncodeToString(sum[:]) // "%s" is no escaped byte
	}
	if !strings.ContainsFunc(subject, func(r rune) bool { return r <= ' ' || r > '~' || r == '%' }) {
		return subject
	}
	var b strings.Builder
	for i := range len(subject) {
		if c := subject[i]; c <= ' ' || c > '~' || c == '%' {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// stamp writes a time in microseconds with a fixed width, so that text order is time order.
func stamp(micros int64) string { return fmt.Sprintf("%0*d", stampDigits, micros) }

// member is the log entry of one allowed check.
func member(subject string, micros int64, unique string) string {
	return subject + separator + stamp(micros) + separator + unique
}

// memberTime returns the time of a member of the subject.
func memberTime(m, subject string) (micros int64, ok bool) {
	rest, ok := strings.CutPrefix(m, subject+separator)
	if !ok || len(rest) < stampDigits {
		return 0, false
	}
	micros, err := strconv.ParseInt(rest[:stampDigits], 10, 64)
	return micros, err == nil
}

// splitMember takes a member of any subject apart.
func splitMember(m string) (subject string, micros int64, unique string, ok bool) {
	subject, rest, ok := strings.Cut(m, separator)
	if !ok || subject == "" {
		return "", 0, "", false
	}
	at, unique, ok := strings.Cut(rest, separator)
	if !ok || len(at) != stampDigits {
		return "", 0, "", false
	}
	micros, err := strconv.ParseInt(at, 10, 64)
	return subject, micros, unique, err == nil && at == stamp(micros)
}

// memberTimes returns the times of members of the subject, in their order.
func memberTimes(members []string, subject string) (micros []int64, ok bool) {
	micros = make([]int64, len(members))
	for i, m := range members {
		if micros[i], ok = memberTime(m, subject); !ok {
			return nil, false
		}
	}
	return micros, true
}

// lexRange returns the bounds of the subject's members from a time on.
func lexRange(subject string, from int64) (lower, upper string) {
	return "[" + subject + separator + stamp(from), "(" + subject + afterSeparator
}

// unique makes the members of one microsecond different: 48 random bits for the process, and a counter.
type unique struct {
	process string
	count   atomic.Uint64
}

func newUnique() *unique {
	var b [6]byte
	_, _ = rand.Read(b[:]) // never fails: crypto/rand ends the process instead
	return &unique{process: hex.EncodeToString(b[:])}
}

func (u *unique) next() string { return u.numbered(u.count.Add(1)) }

func (u *unique) numbered(n uint64) string { return u.process + "-" + strconv.FormatUint(n, 36) }

// made reports whether the text is one of this process.
func (u *unique) made(text string) bool { return strings.HasPrefix(text, u.process+"-") }
