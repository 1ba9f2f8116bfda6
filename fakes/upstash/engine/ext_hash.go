package engine

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"tollgate/fakes/upstash/resp"
)

const (
	// maxFieldExpiry is the latest moment at which a field may expire: 2^46 - 1 ms.
	maxFieldExpiry = 1<<46 - 1

	textNoFields       = "ERR Mandatory argument FIELDS is missing or not at the right position"
	textFieldCount     = "ERR Number of fields must be a positive integer"
	textFieldsMismatch = "ERR The `numfields` parameter must match the number of arguments"
	textNegativeExpiry = "ERR invalid expire time, must be >= 0"
)

// moment is a way to say when something expires: since now or since 1970, in units
// of so many milliseconds.
type moment struct {
	absolute bool
	unit     int64
}

var moments = map[string]moment{
	"EX": {unit: 1000}, "PX": {unit: 1}, "EXAT": {absolute: true, unit: 1000}, "PXAT": {absolute: true, unit: 1},
}

// parse reads a field's expiry as Unix time in milliseconds, or says why not.
func (m moment) parse(word, command string, now int64) (at int64, failed string) {
	n, ok := parseInt(word)
	switch {
	case !ok:
		return 0, textNotInt
	case n < 0:
		return 0, textNegativeExpiry
	}
	base := int64(0)
	if !m.absolute {
		base = now
	}
	if n > (maxFieldExpiry-base)/m.unit {
		return 0, fmt.Sprintf("ERR invalid expire time in '%s' command", command)
	}
	return base + n*m.unit, ""
}

// hexpire makes HEXPIRE and its likes.
func hexpire(command string, m moment) func(*inside, []string) resp.Value {
	return func(in *inside, args []string) resp.Value {
		key := args[0]
		exists, wrong := in.holds(key, "hash")
		if wrong != nil {
			return *wrong
		}
		at, failed := m.parse(args[1], command, in.now())
		if failed != "" {
			return fail(failed)
		}
		condition, rest := "", args[2:]
		switch word := strings.ToUpper(rest[0]); word {
		case "NX", "XX", "GT", "LT":
			condition, rest = word, rest[1:]
		}
		names, failed := fieldNames(rest, "ERR Parameter `numFields` should be greater than 0")
		if failed != "" {
			return fail(failed)
		}
		var results []int64
		for _, field := range names {
			if !exists {
				results = append(results, -2)
				continue
			}
			results = append(results, in.expireField(key, field, condition, at))
		}
		return integers(results)
	}
}

// expireField answers -2 if there is no such field, 0 if the condition does not
// hold, 2 if the moment is past and the field therefore gone, else 1.
func (i *inside) expireField(key, field, condition string, at int64) int64 {
	now := i.now()
	left := i.fieldTTL(key, field)
	if left == -2 {
		return -2
	}
	allowed := true
	switch condition {
	case "NX":
		allowed = left < 0
	case "XX":
		allowed = left >= 0
	case "GT":
		allowed = left >= 0 && at > now+left
	case "LT":
		allowed = left < 0 || at < now+left
	}
	switch {
	case !allowed:
		return 0
	case at <= now:
		hdel(i, []string{key, field})
		return 2
	}
	i.setFieldTTL(key, field, at)
	return 1
}

func (i *inside) setFieldTTL(key, field string, at int64) {
	i.fieldsExpire.Store(true)
	left := strconv.FormatInt(at-i.now(), 10)
	i.do("HSETEX", key, "PX", left, "FIELDS", "1", field, i.do("HGET", key, field).Text())
}

// fieldTTL is the milliseconds left, -1 if the field does not expire, or -2 if
// there is none.
func (i *inside) fieldTTL(key, field string) int64 {
	reply := i.do("HPTTL", key, "FIELDS", "1", field)
	if len(reply.Array) != 1 {
		return -2
	}
	return reply.Array[0].Int
}

// httl makes HTTL and its likes, which answer in units and round up.
func httl(m moment) func(*inside, []string) resp.Value {
	return func(in *inside, args []string) resp.Value {
		exists, wrong := in.holds(args[0], "hash")
		if wrong != nil {
			return *wrong
		}
		names, failed := fieldNames(args[1:], textFieldCount)
		if failed != "" {
			return fail(failed)
		}
		base := int64(0)
		if m.absolute {
			base = in.now()
		}
		var results []int64
		for _, field := range names {
			left := int64(-2)
			if exists {
				left = in.fieldTTL(args[0], field)
			}
			if left >= 0 {
				left = (base + left + m.unit - 1) / m.unit
			}
			results = append(results, left)
		}
		return integers(results)
	}
}

// fieldNames reads "FIELDS count name ..." to the end.
func fieldNames(args []string, badCount string) (names []string, failed string) {
	if len(args) < 2 || !is(args[0], "FIELDS") {
		return nil, textNoFields
	}
	count, ok := parseInt(args[1])
	switch {
	case !ok || count < 1:
		return nil, badCount
	case count != int64(len(args)-2):
		return nil, textFieldsMismatch
	}
	return args[2:], ""
}

// fieldsExpire says whether a write must see to the expiry of fields.
func fieldsExpire(in *inside, _ []string) bool { return in.fieldsExpire.Load() }

// hset makes HSET and HMSET, which end the expiry of the fields that they write.
func hset(command string) func(*inside, []string) resp.Value {
	return func(in *inside, args []string) resp.Value {
		reply := in.do(append([]string{command}, args...)...)
		if !reply.IsError() {
			for i := 1; i < len(args); i += 2 {
				in.do("HPERSIST", args[0], "FIELDS", "1", args[i])
			}
		}
		return reply
	}
}

// hdel is HDEL; the expiry goes with the field.
func hdel(in *inside, args []string) resp.Value {
	for _, field := range args[1:] {
		in.do("HPERSIST", args[0], "FIELDS", "1", field)
	}
	return in.do(append([]string{"HDEL"}, args...)...)
}

// copyHash is COPY: the expiry of fields goes with them, but not to another
// database.
func copyHash(in *inside, args []string) resp.Value {
	reply := in.do(append([]string{"COPY"}, args...)...)
	if reply.Int != 1 || in.do("TYPE", args[0]).Text() != "hash" || slices.ContainsFunc(args[2:], isDB) {
		return reply
	}
	for _, field := range items(in.do("HKEYS", args[0])) {
		if left := in.fieldTTL(args[0], field); left >= 0 {
			in.setFieldTTL(args[1], field, in.now()+left)
		}
	}
	return reply
}

func isDB(word string) bool { return is(word, "DB") }
