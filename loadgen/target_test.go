package loadgen_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/loadgen"
)

func TestClassOf(t *testing.T) {
	dial := &net.OpError{Op: "dial", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
	for _, tc := range []struct {
		err  error
		want loadgen.Class
	}{
		{&loadgen.StatusError{Status: 500}, loadgen.ClassServer},
		{fmt.Errorf("enqueue: %w", &loadgen.StatusError{Status: 503}), loadgen.ClassServer},
		{&loadgen.StatusError{Status: 400}, loadgen.ClassClient},
		{&loadgen.StatusError{Status: 302}, loadgen.ClassOther},
		{dial, loadgen.ClassNetwork},
		{&url.Error{Op: "Get", URL: "http://x", Err: dial}, loadgen.ClassNetwork},
		{&url.Error{Op: "Get", URL: "http://x", Err: context.DeadlineExceeded}, loadgen.ClassTimeout},
		{context.DeadlineExceeded, loadgen.ClassTimeout},
		{os.ErrDeadlineExceeded, loadgen.ClassTimeout},
		{&net.DNSError{Name: "no.such.host"}, loadgen.ClassNetwork},
		{io.EOF, loadgen.ClassNetwork},
		{fmt.Errorf("read: %w", syscall.ECONNRESET), loadgen.ClassNetwork},
		{net.ErrClosed, loadgen.ClassNetwork},
		{io.ErrClosedPipe, loadgen.ClassNetwork},
		{errors.New("the dog ate it"), loadgen.ClassOther},
		{loadgen.ErrUnknownQueue, loadgen.ClassOther},
	} {
		require.Equal(t, tc.want, loadgen.ClassOf(tc.err), tc.err)
	}
}

func TestStatusErrorSaysWhatWasAskedAndAnswered(t *testing.T) {
	err := &loadgen.StatusError{Op: "POST /v1/jobs/fax", Status: 404, Reason: "unknown queue"}
	require.EqualError(t, err, "POST /v1/jobs/fax: status 404 Not Found: unknown queue")
}
