package resp_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tollgate/fakes/upstash/resp"
)

func reader(s string) *bufio.Reader { return bufio.NewReaderSize(strings.NewReader(s), 16) }

// ways are how a stream may arrive.
var ways = map[string]func(string) io.Reader{
	"at once":      func(s string) io.Reader { return strings.NewReader(s) },
	"byte by byte": func(s string) io.Reader { return iotest.OneByteReader(strings.NewReader(s)) },
	"by halves":    func(s string) io.Reader { return iotest.HalfReader(iotest.DataErrReader(strings.NewReader(s))) },
}

// first reads the first command of a stream.
func first(wire string, limits resp.Limits) ([][]byte, error) {
	command, err := resp.NewCommandReader(strings.NewReader(wire), limits).Next()
	return command.Words, err
}

func TestReadCommand(t *testing.T) {
	long := strings.Repeat("x", 200_000)
	for wire, want := range map[string][]string{
		"*2\r\n$3\r\nGET\r\n$1\r\nk\r\n":                 {"GET", "k"},
		"*1\r\n$0\r\n\r\n":                               {""},
		"*2\r\n$3\r\nSET\r\n$200000\r\n" + long + "\r\n": {"SET", long},
		"*1\r\n$4\r\na\r\nb\r\n":                         {"a\r\nb"},
		"*+2\r\n$03\r\nGET\r\n$1\nk\r\n":                 {"GET", "k"},
		"*0\r\n":                                         nil,
		"*-1\r\n":                                        nil,
		"\r\n":                                           nil,
		"   \r\n":                                        nil,
		"PING\r\n":                                       {"PING"},
		"PING\n":                                         {"PING"},
		"set  k\t'a b' \"c\\x41\\n\\t\\r\\a\\b\\q\\xzz\" \r\n": {"set", "k", "a b", "cA\n\t\r\a\bqxzz"},
		"set k 'it\\'s' \"\" ''\r\n":                           {"set", "k", "it's", "", ""},
		"echo " + long[:60000] + "\r\n":                        {"echo", long[:60000]},
	} {
		for name, arriving := range ways {
			r := resp.NewCommandReader(arriving(wire+"*1\r\n$4\r\nnext\r\n"), resp.Limits{})
			got, err := r.Next()
			require.NoError(t, err, "%s: %.40q", name, wire)
			require.Equal(t, want, words(got.Words), "%s: %.40q", name, wire)
			require.EqualValues(t, len(wire), r.Consumed())
			if len(want) > 0 {
				require.Equal(t, string(resp.AppendCommand(nil, got.Words...)), string(got.Raw), "%s: %.40q", name, wire)
			}
			next, err := r.Next()
			require.NoError(t, err)
			require.Equal(t, []string{"next"}, words(next.Words), "the stream is at the next command")
			_, err = r.Next()
			require.ErrorIs(t, err, io.EOF)
		}
	}
}

func words(args [][]byte) (words []string) {
	for _, arg := range args {
		words = append(words, string(arg))
	}
	return words
}

func TestReadCommandErrors(t *testing.T) {
	for wire, want := range map[string]string{
		"*x\r\n":                 "Protocol error: invalid multibulk length",
		"*9999999\r\n":           "Protocol error: invalid multibulk length",
		"*1\r\n+OK\r\n":          "Protocol error: expected '$', got '+'",
		"*1\r\n\r\n":             "Protocol error: expected '$', got '\n'",
		"*1\r\n$-1\r\n":          "Protocol error: invalid bulk length",
		"*1\r\n$99999999999\r\n": "Protocol error: invalid bulk length",
		"*1\r\n$1\r\nxyz":        "Protocol error: expected CRLF after 1 bytes, got \"yz\"",
		"set k 'a\r\n":           "Protocol error: unbalanced quotes in request",
		"set k \"a\"b\r\n":       "Protocol error: unbalanced quotes in request",
		"x" + strings.Repeat("y", 70_000) + "\r\n": "Protocol error: too big inline request",
	} {
		_, err := first(wire, resp.Limits{})
		require.EqualError(t, err, want, "%.40q", wire)
		require.ErrorAs(t, err, new(*resp.ProtocolError))
	}
	for _, wire := range []string{"*", "*2\r\n", "*1\r\n$5\r\nab", "*1\r\n$2\r\nab", "*1\r\n$2\r\nab\r", "PIN"} {
		_, err := first(wire, resp.Limits{})
		require.ErrorIs(t, err, io.ErrUnexpectedEOF, "%q", wire)
	}
}

func TestReadCommandSkipsWhatIsTooLarge(t *testing.T) {
	for name, arriving := range ways {
		wire := "*4\r\n$3\r\nSET\r\n$1\r\nk\r\n$90\r\n" + strings.Repeat("v", 90) + "\r\n$0\r\n\r\nPING\r\n"
		r := resp.NewCommandReader(arriving(wire), resp.Limits{MaxBytes: 50})
		_, err := r.Next()
		var tooLarge *resp.TooLargeError
		require.ErrorAs(t, err, &tooLarge, name)
		require.Equal(t, resp.TooLargeError{Limit: 50, Actual: 94}, *tooLarge)
		require.EqualError(t, err, "resp: 94 bytes exceed the limit of 50")
		next, err := r.Next()
		require.NoError(t, err)
		require.Equal(t, []string{"PING"}, words(next.Words))
	}
}

// What is skipped is not kept.
func TestReadCommandDoesNotHoldWhatItSkips(t *testing.T) {
	wire := "*2\r\n$3\r\nSET\r\n$67108864\r\n"
	value := io.LimitReader(zeros{}, 64<<20)
	r := resp.NewCommandReader(io.MultiReader(strings.NewReader(wire), value, strings.NewReader("\r\n")), resp.Limits{MaxBytes: 1 << 20})
	require.Less(t, allocated(func() {
		_, err := r.Next()
		require.ErrorAs(t, err, new(*resp.TooLargeError))
	}), uint64(1<<20))
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// An announced size is not believed: a peer that announces much and sends little
// does not make the reader allocate it.
func TestAnnouncedSizesAreNotAllocated(t *testing.T) {
	for _, wire := range []string{"*1048576\r\n", "*1\r\n$536870912\r\nabc"} {
		require.Less(t, allocated(func() { _, _ = first(wire, resp.Limits{}) }), uint64(1<<20), "%q", wire)
	}
	for _, wire := range []string{"*1048576\r\n", "$536870912\r\nabc"} {
		require.Less(t, allocated(func() { _, _ = resp.ReadValue(reader(wire), resp.Limits{}) }), uint64(1<<20), "%q", wire)
	}
}

// allocated is how many bytes f allocates.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

var values = map[string]resp.Value{
	"+OK\r\n":                                resp.OK(),
	"-ERR no\r\n":                            resp.Errorf("ERR %s", "no"),
	":-12\r\n":                               resp.Int(-12),
	":9223372036854775807\r\n":               resp.Int(math.MaxInt64),
	":-9223372036854775808\r\n":              resp.Int(math.MinInt64),
	"$3\r\na\r\n\r\n":                        resp.Bulk("a\r\n"),
	"$0\r\n\r\n":                             resp.Bulk(""),
	"_\r\n":                                  resp.Nil(),
	"*0\r\n":                                 resp.List([]resp.Value{}...),
	"*2\r\n:1\r\n*1\r\n$1\r\nx\r\n":          resp.List(resp.Int(1), resp.List(resp.Bulk("x"))),
	"%1\r\n+k\r\n:1\r\n":                     {Kind: resp.Map, Array: []resp.Value{resp.Simple("k"), resp.Int(1)}},
	"~1\r\n:1\r\n":                           {Kind: resp.Set, Array: []resp.Value{resp.Int(1)}},
	">1\r\n:1\r\n":                           {Kind: resp.Push, Array: []resp.Value{resp.Int(1)}},
	",1.5\r\n":                               {Kind: resp.Double, Float: 1.5},
	",inf\r\n":                               {Kind: resp.Double, Float: math.Inf(1)},
	",-inf\r\n":                              {Kind: resp.Double, Float: math.Inf(-1)},
	"#t\r\n":                                 {Kind: resp.Boolean, Int: 1},
	"#f\r\n":                                 {Kind: resp.Boolean},
	"(123456789012345678901234\r\n":          {Kind: resp.BigNumber, Str: []byte("123456789012345678901234")},
	"=7\r\ntxt:abc\r\n":                      {Kind: resp.Verbatim, Str: []byte("txt:abc")},
	"!6\r\nERR no\r\n":                       {Kind: resp.BlobError, Str: []byte("ERR no")},
	"+" + strings.Repeat("x", 5000) + "\r\n": resp.Simple(strings.Repeat("x", 5000)),
}

func TestValues(t *testing.T) {
	for wire, want := range values {
		got, err := resp.ReadValue(reader(wire), resp.Limits{})
		require.NoError(t, err, "%.40q", wire)
		if len(want.Array) == 0 && want.Kind == resp.Array {
			require.Empty(t, got.Array)
		} else {
			require.Equal(t, want, got, "%.40q", wire)
		}
		require.Equal(t, wire, string(resp.AppendValue(nil, want, 3)))

		var out bytes.Buffer
		w := bufio.NewWriterSize(&out, 16)
		kind, err := resp.CopyValue(w, bufio.NewReaderSize(iotest.OneByteReader(strings.NewReader(wire+"+next\r\n")), 16), resp.Limits{})
		require.NoError(t, err)
		require.NoError(t, w.Flush())
		require.Equal(t, want.Kind, kind)
		require.Equal(t, wire, out.String())
	}
}

func TestValuesInVersion2(t *testing.T) {
	for _, test := range []struct {
		value resp.Value
		want  string
	}{
		{resp.Nil(), "$-1\r\n"},
		{values["%1\r\n+k\r\n:1\r\n"], "*2\r\n+k\r\n:1\r\n"},
		{values["~1\r\n:1\r\n"], "*1\r\n:1\r\n"},
		{values[",1.5\r\n"], "$3\r\n1.5\r\n"},
		{values["#t\r\n"], ":1\r\n"},
		{values["=7\r\ntxt:abc\r\n"], "$3\r\nabc\r\n"},
		{values["!6\r\nERR no\r\n"], "-ERR no\r\n"},
		{resp.Simple("two\r\nlines"), "+two  lines\r\n"},
		{resp.List(resp.Nil(), values[",inf\r\n"]), "*2\r\n$-1\r\n$3\r\ninf\r\n"},
		{values["(123456789012345678901234\r\n"], "$24\r\n123456789012345678901234\r\n"},
	} {
		require.Equal(t, test.want, string(resp.AppendValue(nil, test.value, 2)))
	}
	for _, null := range []string{"$-1\r\n", "*-1\r\n", "_\r\n"} {
		got, err := resp.ReadValue(reader(null), resp.Limits{})
		require.NoError(t, err)
		require.Equal(t, resp.Nil(), got)
	}
}

func TestReadValueErrors(t *testing.T) {
	for _, wire := range []string{
		"\r\n", "?\r\n", ":\r\n", ":1x\r\n", ":9223372036854775808\r\n", "$x\r\n", "$-2\r\n", "*-2\r\n", "*x\r\n", "#x\r\n", ",x\r\n", "_x\r\n",
		"$1\r\nabc", "$?\r\n", strings.Repeat("*1\r\n", resp.MaxDepth+1),
	} {
		_, err := resp.ReadValue(reader(wire), resp.Limits{})
		require.ErrorAs(t, err, new(*resp.ProtocolError), "%.40q", wire)
	}
	for _, wire := range []string{"$3\r\na", "*1\r\n", "*2\r\n:1\r\n", "+O", "$3\r\nabc"} {
		_, err := resp.ReadValue(reader(wire), resp.Limits{})
		require.ErrorIs(t, err, io.ErrUnexpectedEOF, "%q", wire)
		_, err = resp.CopyValue(bufio.NewWriter(io.Discard), reader(wire), resp.Limits{})
		require.ErrorIs(t, err, io.ErrUnexpectedEOF, "%q", wire)
	}
	_, err := resp.ReadValue(reader(""), resp.Limits{})
	require.ErrorIs(t, err, io.EOF)

	_, err = resp.ReadValue(reader("*2\r\n$3\r\nabc\r\n$3\r\nabc\r\n"), resp.Limits{MaxBytes: 5})
	require.ErrorAs(t, err, new(*resp.TooLargeError))
	_, err = resp.ReadValue(reader("*2\r\n*2\r\n:1\r\n:1\r\n:1\r\n"), resp.Limits{MaxItems: 3})
	require.ErrorContains(t, err, "more than 3 elements")
	_, err = resp.CopyValue(bufio.NewWriter(io.Discard), reader("*2\r\n*2\r\n:1\r\n:1\r\n:1\r\n"), resp.Limits{MaxItems: 3})
	require.ErrorContains(t, err, "more than 3 elements")
}

func TestCopyValueReportsWriteErrors(t *testing.T) {
	w := bufio.NewWriterSize(failing{}, 16)
	_, err := resp.CopyValue(w, reader("$100\r\n"+strings.Repeat("x", 100)+"\r\n"), resp.Limits{})
	require.ErrorIs(t, err, errBroken)
}

var errBroken = errors.New("broken")

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errBroken }

// discard moves a value to nowhere.
func discard(r *bufio.Reader, limits resp.Limits) error {
	_, err := resp.CopyValue(bufio.NewWriter(io.Discard), r, limits)
	return err
}

func TestDiscard(t *testing.T) {
	r := reader("*2\r\n$3\r\nabc\r\n%1\r\n+a\r\n:1\r\n+next\r\n")
	require.NoError(t, discard(r, resp.Limits{}))
	got, err := resp.ReadValue(r, resp.Limits{})
	require.NoError(t, err)
	require.Equal(t, "next", got.Text())
}

func TestValueAsText(t *testing.T) {
	for want, value := range map[string]resp.Value{
		"-5":  resp.Int(-5),
		"1.5": {Kind: resp.Double, Float: 1.5},
		"nan": {Kind: resp.Double, Float: math.NaN()},
		"abc": resp.Bulk("abc"),
		"":    resp.Nil(),
	} {
		require.Equal(t, want, value.Text())
	}
	require.Equal(t, `*[:1 $"a" _ -"ERR"]`, resp.List(resp.Int(1), resp.Bulk("a"), resp.Nil(), resp.Errorf("ERR")).String())
	require.True(t, values["!6\r\nERR no\r\n"].IsError())
	require.False(t, resp.OK().IsError())
}

// Any command that is written is read back the same.
func TestCommandsRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		args := rapid.SliceOfN(rapid.SliceOf(rapid.Byte()), 1, 10).Draw(t, "args")
		wire := resp.AppendCommand(nil, args...)
		got, err := first(string(wire), resp.Limits{})
		require.NoError(t, err)
		require.Len(t, got, len(args))
		for i := range args {
			require.True(t, bytes.Equal(args[i], got[i]))
		}
	})
}

func FuzzReadCommand(f *testing.F) {
	for _, seed := range []string{"*2\r\n$3\r\nGET\r\n$1\r\nk\r\n", "set k \"a\\x41\" 'b'\r\n", "*1\r\n$536870912\r\nx", "*-1\r\n", "*3\r\n$100\r\n"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, wire []byte) {
		limits := resp.Limits{MaxBytes: 64, MaxItems: 8, MaxLine: 32}
		command, err := resp.NewCommandReader(bytes.NewReader(wire), limits).Next()
		slowly, slowErr := resp.NewCommandReader(iotest.OneByteReader(bytes.NewReader(wire)), limits).Next()
		require.Equal(t, words(command.Words), words(slowly.Words))
		require.Equal(t, string(command.Raw), string(slowly.Raw))
		require.Equal(t, err == nil, slowErr == nil)
		args := command.Words
		if err != nil || len(args) == 0 {
			return
		}
		size := 0
		for _, arg := range args {
			size += len(arg)
		}
		require.LessOrEqual(t, size, 64)
		require.Equal(t, string(resp.AppendCommand(nil, args...)), string(command.Raw))
		again, err := first(string(command.Raw), resp.Limits{})
		require.NoError(t, err)
		require.Equal(t, words(args), words(again))
	})
}

// Reading and copying must agree on what a value is, and what was written must be
// read the same again.
func FuzzReadValue(f *testing.F) {
	for seed := range values {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, wire []byte) {
		r := bufio.NewReaderSize(bytes.NewReader(wire), 16)
		v, err := resp.ReadValue(r, resp.Limits{MaxBytes: 1 << 12, MaxItems: 1 << 8})
		if err != nil {
			return
		}
		left, err := io.ReadAll(r)
		require.NoError(t, err)

		c := bufio.NewReaderSize(bytes.NewReader(wire), 16)
		kind, err := resp.CopyValue(bufio.NewWriter(io.Discard), c, resp.Limits{})
		require.NoError(t, err)
		leftByCopy, err := io.ReadAll(c)
		require.NoError(t, err)
		require.Equal(t, left, leftByCopy)
		if v.Kind != resp.Null {
			require.Equal(t, v.Kind, kind)
		}

		written := resp.AppendValue(nil, v, 3) // which may have replaced a stray CR
		again, err := resp.ReadValue(bufio.NewReader(bytes.NewReader(written)), resp.Limits{})
		require.NoError(t, err)
		require.Equal(t, string(written), string(resp.AppendValue(nil, again, 3)))
	})
}

func BenchmarkReadCommand(b *testing.B) {
	wire := resp.AppendCommand(nil, []byte("SET"), []byte("key:12345"), []byte("some value of a moderate size"))
	src := bytes.NewReader(wire)
	r := resp.NewCommandReader(src, resp.Limits{})
	b.ReportAllocs()
	for b.Loop() {
		src.Reset(wire)
		_, _ = r.Next()
	}
}

func ExampleReadValue() {
	wire := bufio.NewReader(strings.NewReader("*2\r\n$5\r\nhello\r\n:42\r\n"))
	v, err := resp.ReadValue(wire, resp.Limits{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(v.Array[0].Text(), v.Array[1].Int)
	// Output: hello 42
}
