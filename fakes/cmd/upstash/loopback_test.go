package main

import (
	"net"
	"net/netip"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/stretchr/testify/require"
)

// Nobody but this machine reaches a door that is open unless one says otherwise;
// least of all the admin door, which asks for no password.
func TestDoorsAreLoopbackByDefault(t *testing.T) {
	var opts options
	parser, err := kong.New(&opts, defaults)
	require.NoError(t, err)
	_, err = parser.Parse(nil)
	require.NoError(t, err)
	for _, addr := range []string{opts.AdminAddr, opts.RESTAddr, opts.RedisAddr} {
		host, _, err := net.SplitHostPort(addr)
		require.NoError(t, err)
		ip, err := netip.ParseAddr(host)
		require.NoError(t, err)
		require.True(t, ip.IsLoopback(), addr)
	}
	require.Empty(t, opts.TLSAddr)
}
