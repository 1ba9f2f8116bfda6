package commands_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/fakes/upstash/commands"
)

func TestGroup(t *testing.T) {
	for _, c := range append(commands.All(), commands.Absent()...) {
		require.Contains(t, commands.Groups(), c.Group(), c.Name)
	}
	for name, want := range map[string]string{
		"GET": "Strings", "SETBIT": "Bitmaps", "SCAN": "Keys", "HSET": "Hashes", "HELLO": "Connection", "LPUSH": "Lists",
		"RPOPLPUSH": "Lists", "BLPOP": "Lists", "SADD": "Sets", "SSCAN": "Sets", "ZADD": "Sorted sets", "BZPOPMIN": "Sorted sets",
		"XADD": "Streams", "GEOADD": "Geospatial", "PFADD": "HyperLogLog", "JSON.SET": "JSON", "SEARCH.QUERY": "Search",
		"SUBSCRIBE": "Publish and subscribe", "EVAL_RO": "Scripts and functions", "SCRIPT LOAD": "Scripts and functions",
		"CLIENT ID": "Connection", "ACL WHOAMI": "Server", "MEMORY USAGE": "Server", "MULTI": "Transactions",
	} {
		c, ok := commands.Lookup(words(name))
		require.True(t, ok, name)
		require.Equal(t, want, c.Group(), name)
	}
}
