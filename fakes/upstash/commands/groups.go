package commands

import "strings"

// groups are what commands are about, in the order of documentation. A command is in the first group that names it,
// else in the first that has its prefix.
var groups = [...]struct{ name, commands, prefixes string }{
	{"Strings", "APPEND DECR DECRBY DELEX DIGEST GET GETDEL GETEX GETRANGE GETSET INCR INCRBY INCRBYFLOAT LCS MGET MSET " +
		"MSETNX PSETEX SET SETEX SETNX SETRANGE STRLEN SUBSTR", ""},
	{"Bitmaps", "GETBIT SETBIT", "BIT"},
	{"Keys", "COPY DEL DUMP EXISTS EXPIRE EXPIREAT EXPIRETIME KEYS MIGRATE MOVE OBJECT PERSIST PEXPIRE PEXPIREAT " +
		"PEXPIRETIME PTTL RANDOMKEY RENAME RENAMENX RESTORE RESTORE-ASKING SCAN SORT SORT_RO TOUCH TTL TYPE UNLINK WAIT WAITAOF", ""},
	{"Connection", "AUTH ECHO HELLO PING QUIT RESET SELECT", "CLIENT"},
	{"Transactions", "DISCARD EXEC MULTI UNWATCH WATCH", ""},
	{"Scripts and functions", "", "EVAL FCALL FUNCTION SCRIPT"},
	{"Publish and subscribe", "PSUBSCRIBE PUBLISH PUBSUB PUNSUBSCRIBE SPUBLISH SSUBSCRIBE SUBSCRIBE SUNSUBSCRIBE UNSUBSCRIBE", ""},
	{
		"Server", "BGREWRITEAOF BGSAVE COMMAND DBSIZE DEBUG FAILOVER FLUSHALL FLUSHDB INFO LASTSAVE LATENCY LOLWUT MODULE MONITOR " +
			"PSYNC READONLY READWRITE REPLCONF REPLICAOF ROLE SAVE SHUTDOWN SLAVEOF SLOWLOG SWAPDB SYNC TIME ASKING CLUSTER",
		"ACL CONFIG MEMORY",
	},
	{"JSON", "", "JSON."},
	{"Search", "", "SEARCH."},
	{"Geospatial", "", "GEO"},
	{"HyperLogLog", "", "PF"},
	{"Hashes", "", "H"},
	{"Lists", "BLMOVE BLMPOP BLPOP BRPOP BRPOPLPUSH", "L RP"},
	{"Sorted sets", "", "Z BZ"},
	{"Streams", "", "X"},
	{"Sets", "", "S"},
	{"Vector sets", "", "V"},
}

// Groups are the names of all groups, in the order of documentation.
func Groups() []string {
	names := make([]string, len(groups))
	for i, g := range groups {
		names[i] = g.name
	}
	return names
}

// Group names what the command is about, such as "Sorted sets".
func (c Command) Group() string {
	first, _, _ := strings.Cut(c.Name, " ")
	for _, g := range groups {
		for name := range strings.FieldsSeq(g.commands) {
			if name == first {
				return g.name
			}
		}
	}
	for _, g := range groups {
		for prefix := range strings.FieldsSeq(g.prefixes) {
			if strings.HasPrefix(first, prefix) {
				return g.name
			}
		}
	}
	return ""
}
