package commands_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/fakes/upstash/commands"
)

func TestDeletes(t *testing.T) {
	for _, name := range []string{"DEL", "UNLINK", "LPOP", "HDEL", "SREM", "ZREM", "XTRIM", "FLUSHALL", "EXPIRE", "FUNCTION DELETE"} {
		c, ok := commands.Lookup(words(name))
		require.True(t, ok, name)
		require.True(t, c.Deletes, name)
	}
	for _, name := range []string{"SET", "LMOVE", "PERSIST", "RENAME", "GETEX", "EVAL", "FCALL", "HSETEX", "XGROUP", "GET"} {
		c, ok := commands.Lookup(words(name))
		require.True(t, ok, name)
		require.False(t, c.Deletes, name)
	}
	for _, c := range commands.All() {
		require.True(t, c.Write || !c.Deletes, "%s deletes, so it writes", c.Name)
	}
}
