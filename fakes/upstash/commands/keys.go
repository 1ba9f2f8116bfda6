package commands

import (
	"iter"
	"strconv"
	"strings"
)

// keyed says where a command's keys are among its words: from first to last, by
// step; a negative last counts from the end. With counted, the word there says how
// many keys follow it.
type keyed struct{ first, last, step, counted int }

// elsewhere are the commands whose keys are not just the word after the name.
var elsewhere = func() map[string]keyed {
	places := map[string]keyed{}
	for where, names := range map[keyed]string{
		{}: "COMMAND DBSIZE DISCARD ECHO EXEC FLUSHALL FLUSHDB INFO JSON.DEBUG KEYS MONITOR MULTI PING PSUBSCRIBE " +
			"PUBLISH PUNSUBSCRIBE RANDOMKEY SCAN SELECT SUBSCRIBE TIME UNSUBSCRIBE UNWATCH WAIT WAITAOF XREAD XREADGROUP",
		{first: 1, last: -1, step: 1}: "DEL EXISTS MGET PFCOUNT PFMERGE SDIFF SDIFFSTORE SINTER SINTERSTORE SUNION " +
			"SUNIONSTORE TOUCH UNLINK WATCH",
		{first: 1, last: -2, step: 1}: "BLPOP BRPOP BZPOPMAX BZPOPMIN JSON.MGET",
		{first: 1, last: -1, step: 2}: "MSET MSETNX",
		{first: 1, last: -1, step: 3}: "JSON.MSET",
		{first: 1, last: 2, step: 1}: "BLMOVE BRPOPLPUSH COPY GEOSEARCHSTORE LMOVE RENAME RENAMENX RPOPLPUSH SMOVE " +
			"ZRANGESTORE",
		{first: 2, last: -1, step: 1}:            "BITOP",
		{first: 2, last: 2, step: 1}:             "MEMORY XINFO",
		{counted: 1}:                             "LMPOP SINTERCARD ZDIFF ZINTER ZINTERCARD ZMPOP ZUNION",
		{counted: 2}:                             "BLMPOP BZMPOP EVAL EVALSHA EVALSHA_RO EVAL_RO FCALL FCALL_RO",
		{first: 1, last: 1, step: 1, counted: 2}: "ZDIFFSTORE ZINTERSTORE ZUNIONSTORE",
	} {
		for name := range strings.FieldsSeq(names) {
			places[name] = where
		}
	}
	return places
}()

// keysOf is where the keys of the command of that name are.
func keysOf(name string) keyed {
	first, _, isSub := strings.Cut(name, " ")
	where, special := elsewhere[first]
	switch {
	case special:
		return where
	case isSub, first == "XGROUP", first == "AUTH", first == "HELLO", strings.HasPrefix(first, "SEARCH."):
		return keyed{}
	default:
		return keyed{first: 1, last: 1, step: 1}
	}
}

// Keys are the keys among the words of a call of c, as far as their place is fixed
// or counted: not those of XREAD, XREADGROUP and XGROUP, nor those of options.
func (c Command) Keys(args [][]byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) { c.keys.each(args, yield) }
}

func (k keyed) each(args [][]byte, yield func([]byte) bool) {
	last := k.last
	if last < 0 {
		last += len(args)
	}
	for i := k.first; k.step > 0 && i <= min(last, len(args)-1); i += k.step {
		if !yield(args[i]) {
			return
		}
	}
	if k.counted == 0 || k.counted >= len(args) {
		return
	}
	count, err := strconv.Atoi(string(args[k.counted]))
	if err != nil {
		return // the engine refuses it
	}
	for _, key := range args[k.counted+1:][:max(0, min(count, len(args)-k.counted-1))] {
		if !yield(key) {
			return
		}
	}
}
