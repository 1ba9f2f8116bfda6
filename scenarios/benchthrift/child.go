package benchthrift

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"testing/synctest"
)

// ChildArgument is the only argument of a program that has to call Child.
const ChildArgument = "child-of-benchthrift"

// Run measures a part in a process of its own.
type Run func(ctx context.Context, r Request) (Result, error)

// answer is what a child writes to its standard output.
type answer struct {
	Result Result `json:"result"`
	Error  string `json:"error,omitempty"`
}

// InChild runs this program again, with ChildArgument, for one request.
func InChild(ctx context.Context, r Request) (Result, error) {
	path, err := os.Executable()
	if err != nil {
		return Result{}, err
	}
	request, err := json.Marshal(r)
	if err != nil {
		return Result{}, err
	}
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, path)
	cmd.Args = []string{os.Args[0], ChildArgument}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(request), &stdout, &stderr
	if err := cmd.Run(); ctx.Err() != nil {
		return Result{}, fmt.Errorf("%s: %w", r, ctx.Err()) // rather than that the child was killed
	} else if err != nil {
		return Result{}, fmt.Errorf("child for %s: %w: %s", r, err, strings.TrimSpace(stderr.String()))
	}
	var a answer
	if err := json.Unmarshal(stdout.Bytes(), &a); err != nil {
		return Result{}, fmt.Errorf("read what the child for %s measured: %w", r, err)
	}
	if a.Error != "" {
		return Result{}, fmt.Errorf("%s: %s", r, a.Error)
	}
	return a.Result, nil
}

// Child reads a request from the standard input, measures it, writes the answer to the standard output and ends the
// program.
func Child() {
	stdout := os.Stdout
	var r Request
	if err := json.NewDecoder(os.Stdin).Decode(&r); err != nil {
		respond(stdout, Result{}, fmt.Errorf("read the request: %w", err))
		os.Exit(0)
	}
	if !r.virtual() {
		result, err := measurePart(context.Background(), r)
		respond(stdout, result, err)
		os.Exit(0)
	}
	os.Args = os.Args[:1] // package testing reads them
	if null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0); err == nil {
		os.Stdout = null // where package testing writes PASS
	}
	testing.Main(func(string, string) (bool, error) { return true, nil }, []testing.InternalTest{{
		Name: r.Part, F: func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				result, err := measurePart(t.Context(), r)
				respond(stdout, result, err)
			})
		},
	}}, nil, nil)
}

func respond(stdout *os.File, result Result, err error) {
	a := answer{Result: result}
	if err != nil {
		a.Error = err.Error()
	}
	if err := json.NewEncoder(stdout).Encode(a); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
}
