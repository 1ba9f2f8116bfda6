package engine

import (
	"strconv"
	"strings"

	"tollgate/fakes/upstash/resp"
)

// fieldOptions are what HGETEX and HSETEX may say before FIELDS.
type fieldOptions struct {
	expires   bool
	at        int64  // Unix time in milliseconds
	lifetime  string // KEEPTTL or PERSIST
	condition string // FNX or FXX
	rest      []string
}

// fieldOptions reads options up to FIELDS, of which keep is the one that says
// what becomes of a lifetime, and conditional says whether FNX and FXX are others.
func (i *inside) fieldOptions(args []string, command, keep string, conditional bool) (o fieldOptions, failed string) {
	for len(args) > 0 {
		word := strings.ToUpper(args[0])
		m, isMoment := moments[word]
		switch {
		case word == "FIELDS":
			o.rest = args[1:]
			return o, ""
		case isMoment || word == keep:
			if o.expires || o.lifetime != "" {
				return o, "ERR Only one of EX, PX, EXAT, PXAT or " + keep + " arguments can be specified"
			}
			if !isMoment {
				o.lifetime = word
				break
			}
			if len(args) < 2 {
				return o, "ERR missing expire time"
			}
			if o.at, failed = m.parse(args[1], command, i.now()); failed != "" {
				return o, failed
			}
			o.expires, args = true, args[1:]
		case conditional && (word == "FNX" || word == "FXX"):
			if o.condition != "" {
				return o, "ERR Only one of FXX or FNX arguments can be specified"
			}
			o.condition = word
		default:
			return o, "ERR unknown argument: " + args[0]
		}
		args = args[1:]
	}
	return o, "ERR wrong number of arguments for '" + command + "' command"
}

// words reads "count word ..." with so many words each, to the end.
func (o fieldOptions) words(each int, command string) (words []string, failed string) {
	wrongNumber := "ERR wrong number of arguments for '" + command + "' command"
	if len(o.rest) < 1+each {
		return nil, wrongNumber
	}
	count, ok := parseInt(o.rest[0])
	switch {
	case !ok || count < 1 || count > 1<<31-1:
		return nil, "ERR invalid number of fields"
	case count*int64(each) != int64(len(o.rest)-1):
		return nil, wrongNumber
	}
	return o.rest[1:], ""
}

// hgetex is HGETEX.
func hgetex(in *inside, args []string) resp.Value {
	options, failed := in.fieldOptions(args[1:], "hgetex", "PERSIST", false)
	if failed != "" {
		return fail(failed)
	}
	names, failed := options.words(1, "hgetex")
	if failed != "" {
		return fail(failed)
	}
	key := args[0]
	if _, wrong := in.holds(key, "hash"); wrong != nil {
		return *wrong
	}
	values := in.do(append([]string{"HMGET", key}, names...)...)
	for i, field := range names {
		switch {
		case values.Array[i].Kind == resp.Null:
		case options.lifetime == "PERSIST":
			in.do("HPERSIST", key, "FIELDS", "1", field)
		case options.expires:
			in.expireField(key, field, "", options.at)
		}
	}
	return values
}

// hsetex is HSETEX.
func hsetex(in *inside, args []string) resp.Value {
	options, failed := in.fieldOptions(args[1:], "hsetex", "KEEPTTL", true)
	if failed != "" {
		return fail(failed)
	}
	pairs, failed := options.words(2, "hsetex")
	if failed != "" {
		return fail(failed)
	}
	key := args[0]
	if _, wrong := in.holds(key, "hash"); wrong != nil {
		return *wrong
	}
	set := []string{"HSETEX", key}
	if options.condition != "" {
		set = append(set, options.condition)
	}
	switch {
	case options.lifetime != "":
		set = append(set, options.lifetime)
	case options.expires:
		in.fieldsExpire.Store(true)
		set = append(set, "PX", strconv.FormatInt(max(options.at-in.now(), 1), 10))
	}
	reply := in.do(append(append(set, "FIELDS", strconv.Itoa(len(pairs)/2)), pairs...)...)
	if reply.Int == 1 && options.expires && options.at <= in.now() {
		for i := 0; i < len(pairs); i += 2 {
			hdel(in, []string{key, pairs[i]})
		}
	}
	return reply
}

// hgetdel is HGETDEL.
func hgetdel(in *inside, args []string) resp.Value {
	key := args[0]
	if _, wrong := in.holds(key, "hash"); wrong != nil {
		return *wrong
	}
	names, failed := fieldNames(args[1:], textFieldCount)
	if failed != "" {
		return fail(failed)
	}
	values := in.do(append([]string{"HMGET", key}, names...)...)
	hdel(in, append([]string{key}, names...))
	return values
}
