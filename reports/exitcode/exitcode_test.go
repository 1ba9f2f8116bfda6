package exitcode_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/reports/exitcode"
)

func TestCodesKeepTheirNumbers(t *testing.T) {
	require.Equal(t, []int{0, 1, 2, 3, 4, 5}, []int{
		exitcode.Passed, exitcode.Failed, exitcode.Usage,
		exitcode.NotStarted, exitcode.Interrupted, exitcode.Internal,
	})
}

func TestOf(t *testing.T) {
	plain := errors.New("plain")
	tests := map[string]struct {
		err  error
		want int
	}{
		"nil":                   {nil, exitcode.Passed},
		"with nil":              {exitcode.With(exitcode.Usage, nil), exitcode.Passed},
		"with a code":           {exitcode.With(exitcode.Usage, plain), exitcode.Usage},
		"wrapped again":         {fmt.Errorf("outer: %w", exitcode.With(exitcode.NotStarted, plain)), exitcode.NotStarted},
		"the code beats cancel": {exitcode.With(exitcode.Failed, context.Canceled), exitcode.Failed},
		"cancelled":             {fmt.Errorf("run: %w", context.Canceled), exitcode.Interrupted},
		"deadline":              {context.DeadlineExceeded, exitcode.Interrupted},
		"any other":             {plain, exitcode.Internal},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, tt.want, exitcode.Of(tt.err))
		})
	}
}

func TestErrorKeepsTextAndCause(t *testing.T) {
	cause := errors.New("port 8080 is in use")
	err := exitcode.With(exitcode.NotStarted, cause)
	require.EqualError(t, err, "port 8080 is in use")
	require.ErrorIs(t, err, cause)
}

func TestWorst(t *testing.T) {
	require.Equal(t, exitcode.Passed, exitcode.Worst())
	require.Equal(t, exitcode.Failed, exitcode.Worst(exitcode.Passed, exitcode.Failed))
	require.Equal(t, exitcode.Interrupted, exitcode.Worst(exitcode.Interrupted, exitcode.Failed, exitcode.Passed))
}

func TestTextNamesEveryCode(t *testing.T) {
	seen := map[string]bool{}
	for code := exitcode.Passed; code <= exitcode.Internal; code++ {
		text := exitcode.Text(code)
		require.NotContains(t, text, "unknown")
		require.False(t, seen[text], "two codes say %q", text)
		seen[text] = true
	}
	require.Equal(t, "unknown exit code 42", exitcode.Text(42))
}

func ExampleOf() {
	err := exitcode.With(exitcode.Usage, errors.New(`unknown stage "phase9": use legacy, phase1, phase2 or phase3`))
	fmt.Println(err)
	fmt.Println(exitcode.Of(err), exitcode.Text(exitcode.Of(err)))
	// Output:
	// unknown stage "phase9": use legacy, phase1, phase2 or phase3
	// 2 usage or configuration
}
