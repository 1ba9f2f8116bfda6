package resp_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"tollgate/fakes/upstash/resp"
)

// fuzzLimits are tight, so that the fuzzer reaches them.
var fuzzLimits = resp.Limits{MaxBytes: 1 << 12, MaxItems: 1 << 8, MaxLine: 1 << 8}

// memoryFor bounds what reading that many bytes may allocate: a few buffers, and
// something for each byte that has come.
func memoryFor(wire []byte) uint64 { return 1<<20 + 512*uint64(len(wire)) }

// Whatever a client sends, reading it ends, says what is wrong, and takes memory
// for what has come only.
func FuzzCommandStream(f *testing.F) {
	for _, seed := range []string{
		"", "\r\n", "PING\r\n", "*1\r\n$4\r\nPING\r\n*2\r\n$3\r\nGET\r\n$1\r\nk\r\n", "*0\r\n*-1\r\n",
		"*1048576\r\n$1\r\na\r\n", "*1\r\n$536870912\r\nabc", "*1\r\n$-1\r\n", "*1\r\n$5000\r\n" + string(make([]byte, 5000)) + "\r\nPING\r\n",
		"*1\r\n:1\r\n", "*\r\n", "$3\r\nfoo\r\n", "*99999999999999999999\r\n", "set \"a\\x4\" 'b\\'c' \"", "GET a\x00b\n", "*2\n$1\na\n$1\nb\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, wire []byte) {
		read, size := 0, 0
		var err error
		used := allocated(func() {
			r := resp.NewCommandReader(bytes.NewReader(wire), fuzzLimits)
			for err == nil && read <= len(wire) {
				var command resp.Command
				command, err = r.Next()
				read++
				for _, arg := range command.Words {
					size += len(arg)
				}
				if tooLarge := (*resp.TooLargeError)(nil); errors.As(err, &tooLarge) {
					require.Greater(t, tooLarge.Actual, tooLarge.Limit)
					err = nil // the stream goes on
				}
			}
		})
		require.Error(t, err, "%d commands of %d bytes", read, len(wire))
		require.NotEmpty(t, err.Error())
		require.LessOrEqual(t, size, len(wire))
		require.LessOrEqual(t, used, memoryFor(wire))
		require.Equal(t, transcript(bytes.NewReader(wire)), transcript(iotest.OneByteReader(bytes.NewReader(wire))),
			"it does not matter in which pieces the bytes come")
	})
}

// transcript is all that is read of a stream, and what is wrong with it.
func transcript(src io.Reader) (lines []string) {
	r := resp.NewCommandReader(src, fuzzLimits)
	for {
		command, err := r.Next()
		lines = append(lines, fmt.Sprintf("%q %q %v", command.Words, command.Raw, err))
		if tooLarge := (*resp.TooLargeError)(nil); err != nil && !errors.As(err, &tooLarge) {
			return lines
		}
		lines = append(lines, fmt.Sprintf("after %d bytes", r.Consumed()))
	}
}

// What inline quoting says is what is read.
func FuzzInlineCommand(f *testing.F) {
	for _, seed := range []string{"", "a", "a b", "\"", "'", "\\", "\x00\xff\r\n", "a\"b'c\\d"} {
		f.Add([]byte(seed), []byte("w"))
	}
	f.Fuzz(func(t *testing.T, first, second []byte) {
		line := []byte("x") // or a first word like "*1" would be the start of an array
		for _, word := range [][]byte{first, second} {
			line = append(line, ' ', '"')
			for _, c := range word {
				line = fmt.Appendf(line, "\\x%02x", c)
			}
			line = append(line, '"')
		}
		r := resp.NewCommandReader(bytes.NewReader(append(line, "\r\nPING\r\n"...)), resp.Limits{MaxLine: 1 << 20})
		command, err := r.Next()
		require.NoError(t, err)
		require.Equal(t, []string{"x", string(first), string(second)}, words(command.Words))
		require.Equal(t, string(resp.AppendCommand(nil, command.Words...)), string(command.Raw))
		command, err = r.Next()
		require.NoError(t, err)
		require.Equal(t, []string{"PING"}, words(command.Words))

		// As it is, it is read or refused; either way the reader stays within the line.
		raw := append(append([]byte("x "), bytes.ReplaceAll(first, []byte("\n"), nil)...), '\n')
		r = resp.NewCommandReader(bytes.NewReader(append(raw, "PING\r\n"...)), resp.Limits{})
		if command, err := r.Next(); err == nil {
			require.Equal(t, "x", string(command.Words[0]))
			command, err = r.Next()
			require.NoError(t, err)
			require.Equal(t, []string{"PING"}, words(command.Words))
		}
	})
}

// Copying, holding and discarding agree on where a value ends, with each other and
// with reading; what is copied is copied as it is; and none takes memory for more
// than has come.
func FuzzCopyValue(f *testing.F) {
	for seed := range values {
		f.Add([]byte(seed))
		f.Add([]byte(seed + "+OK\r\n"))
		f.Add([]byte("*2\r\n" + seed + seed))
	}
	for _, seed := range []string{"$536870912\r\nab", "*1048576\r\n:1\r\n", "%1\r\n+k\r\n", "*-1\r\n", "$-1\r\n", ",-nan\r\n", "*1\r\n", "?\r\n", ":1\n"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, wire []byte) {
		from := func() *bufio.Reader { return bufio.NewReaderSize(bytes.NewReader(wire), 16) }
		rest := func(r *bufio.Reader) string {
			left, err := io.ReadAll(r)
			require.NoError(t, err)
			return string(left)
		}
		var copied bytes.Buffer
		w, source := bufio.NewWriterSize(&copied, 16), from()
		var kind resp.Kind
		var err error
		used := allocated(func() { kind, err = resp.CopyValue(w, source, fuzzLimits) })
		require.LessOrEqual(t, used, memoryFor(wire))

		held := from()
		var raw []byte
		var size int64
		var holdErr error
		used = allocated(func() { raw, size, holdErr = resp.HoldValue(nil, held, fuzzLimits, 1<<20) })
		require.LessOrEqual(t, used, memoryFor(wire))
		dropped := from()
		dropErr := discard(dropped, fuzzLimits)
		require.Equal(t, err == nil, holdErr == nil, "%v and %v", err, holdErr)
		require.Equal(t, err == nil, dropErr == nil, "%v and %v", err, dropErr)
		if err != nil {
			require.NotEmpty(t, err.Error())
			return
		}
		require.NoError(t, w.Flush())
		require.Equal(t, copied.String(), string(raw))
		left := rest(source)
		require.Equal(t, left, rest(held))
		require.Equal(t, left, rest(dropped))
		require.NotZero(t, kind)

		end := wire[:len(wire)-len(left)]
		require.Equal(t, withoutCR(end), withoutCR(copied.Bytes()), "only line ends may be mended")
		v, err := resp.ReadValue(bufio.NewReader(bytes.NewReader(raw)), resp.Limits{})
		if err == nil {
			require.Equal(t, sizeOf(v), size)
		}
	})
}

func withoutCR(b []byte) string { return string(bytes.ReplaceAll(b, []byte("\r"), nil)) }

// sizeOf is the bytes of all strings in v.
func sizeOf(v resp.Value) (n int64) {
	n = int64(len(v.Str))
	for _, item := range v.Array {
		n += sizeOf(item)
	}
	return n
}

// What is written in either version is read again, to the last bit.
func FuzzValueRoundTrip(f *testing.F) {
	for seed := range values {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, wire []byte) {
		v, err := resp.ReadValue(bufio.NewReaderSize(bytes.NewReader(wire), 16), fuzzLimits)
		if err != nil {
			require.NotEmpty(t, err.Error())
			return
		}
		for _, version := range []int{2, 3} {
			written := resp.AppendValue(nil, v, version)
			again, err := resp.ReadValue(bufio.NewReader(bytes.NewReader(written)), resp.Limits{})
			require.NoError(t, err, "%q in version %d", written, version)
			require.Equal(t, string(written), string(resp.AppendValue(nil, again, version)))
			r := bufio.NewReader(bytes.NewReader(written))
			require.NoError(t, discard(r, resp.Limits{}))
			_, err = r.ReadByte()
			require.ErrorIs(t, err, io.EOF, "nothing is left of what was written")
		}
	})
}
