package reports_test

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"tollgate/reports"
)

func TestDetectTerminalOnATerminal(t *testing.T) {
	pty, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	require.NoError(t, err)
	defer func() { require.NoError(t, pty.Close()) }()
	detect := func(environ map[string]string) reports.TerminalOptions {
		return reports.DetectTerminal(pty, func(name string) string { return environ[name] })
	}
	require.Equal(t, reports.TerminalOptions{Color: true, Width: reports.DefaultWidth}, detect(nil), "a terminal that does not know its size")

	require.NoError(t, unix.IoctlSetWinsize(int(pty.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 20, Col: 77}))
	require.Equal(t, reports.TerminalOptions{Color: true, Width: 77}, detect(map[string]string{"TERM": "xterm"}))
	require.Equal(t, reports.TerminalOptions{Width: 77}, detect(map[string]string{"NO_COLOR": "1"}))
	require.Equal(t, reports.TerminalOptions{Width: 77}, detect(map[string]string{"TERM": "dumb"}))
}
