package bubble

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"
)

// stopTime is how long a child has to answer after an interrupt.
const stopTime = 30 * time.Second

// maxComplaint is how much of a child's standard error is kept, in bytes.
const maxComplaint = 64 << 10

// message is what a child writes. Exactly one field is set.
type message struct {
	Progress json.RawMessage `json:"progress,omitempty"`
	Result   json.RawMessage `json:"result,omitempty"`
	Error    string          `json:"error,omitempty"`
}

// ErrStopped wraps the error of a child that was stopped and had nothing to say.
var ErrStopped = errors.New("stopped")

// Call runs this program again, with argument as its only one, for a request, and decodes the answer into result. progress,
// unless it is nil, is called with each progress message, one after another. A child that is stopped because ctx ends may
// still answer; it is the result that says whether it is whole.
func Call(ctx context.Context, argument string, request, result any, progress func(json.RawMessage)) error {
	path, err := os.Executable()
	if err != nil {
		return err
	}
	input, err := json.Marshal(request)
	if err != nil {
		return err
	}
	complaint := &tail{}
	cmd := exec.CommandContext(ctx, path)
	cmd.Args = []string{os.Args[0], argument}
	cmd.Stdin, cmd.Stderr = bytes.NewReader(input), complaint
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = stopTime
	output, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	answer, readErr := read(output, progress)
	_, _ = io.Copy(io.Discard, output) // a child that is not understood must not wait to be read
	waitErr := cmd.Wait()
	switch {
	case answer.Error != "":
		return errors.New(answer.Error)
	case answer.Result != nil:
		return json.Unmarshal(answer.Result, result)
	case ctx.Err() != nil:
		return fmt.Errorf("%w: %w", ErrStopped, context.Cause(ctx))
	case waitErr != nil:
		return fmt.Errorf("%w: %s", waitErr, strings.TrimSpace(complaint.String()))
	default:
		return fmt.Errorf("read what the child says: %w", readErr)
	}
}

// read passes on progress messages until the answer.
func read(output io.Reader, progress func(json.RawMessage)) (message, error) {
	messages := json.NewDecoder(output)
	for {
		var m message
		if err := messages.Decode(&m); err != nil {
			return message{}, err
		}
		if m.Progress == nil {
			return m, nil
		}
		if progress != nil {
			progress(m.Progress)
		}
	}
}

// tail keeps the end of what is written to it.
type tail struct{ bytes.Buffer }

func (t *tail) Write(p []byte) (int, error) {
	t.Buffer.Write(p)
	if over := t.Len() - maxComplaint; over > 0 {
		t.Next(over)
	}
	return len(p), nil
}
