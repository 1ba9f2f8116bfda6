package resp

import (
	"bytes"
	"io"
	"slices"
)

const (
	// firstBuffer is what a CommandReader starts with, in bytes.
	firstBuffer = 4 << 10
	// keptBuffer is the largest buffer that a CommandReader keeps between commands,
	// in bytes.
	keptBuffer = 64 << 10
)

// CommandReader reads commands as clients send them: arrays of bulk strings, or
// inline commands (words on one line, as typed into a terminal). It takes memory
// as bytes arrive, never on the strength of an announced length. It is for one
// goroutine.
type CommandReader struct {
	src    io.Reader
	limits Limits

	buf        []byte
	passed     int64 // bytes of the stream before buf
	start, pos int   // the command begins at start; all before pos is understood
	words      []span
	out        [][]byte
	odd        bool // the command is not written as Redis clients write it
}

// errCount is the answer to an array of too many words, or of no number of words.
var errCount = &ProtocolError{Reason: "invalid multibulk length"}

// span is where a word is, counted from the command's start.
type span struct{ from, to int }

// NewCommandReader makes a reader of what src brings.
func NewCommandReader(src io.Reader, limits Limits) *CommandReader {
	return &CommandReader{src: src, limits: limits.withDefaults()}
}

// Command is one command.
type Command struct {
	// Words are the command's name and arguments. An empty command has none; Redis
	// ignores those.
	Words [][]byte
	// Raw is the command as AppendCommand would write it.
	Raw []byte
}

// Next reads a command, which is valid until the next call. io.EOF means that the
// peer left between commands. After a *TooLargeError the stream is at the next
// command, so the caller may answer and go on; after any other error it must
// close.
func (c *CommandReader) Next() (Command, error) {
	c.release()
	if count, ok := c.shortHeader('*'); ok {
		return c.array(count)
	}
	line, err := c.line()
	if err != nil {
		if len(c.buf) > c.pos {
			err = unexpected(err)
		}
		return Command{}, err
	}
	if len(line) == 0 {
		return Command{}, nil
	}
	if line[0] != '*' {
		words, err := splitInline(line)
		if err != nil || len(words) == 0 {
			return Command{}, err
		}
		return Command{Words: words, Raw: AppendCommand(nil, words...)}, nil
	}
	count, ok := parseInt(line[1:])
	if !ok {
		return Command{}, errCount
	}
	return c.array(count)
}

// array reads what follows the header of an array.
func (c *CommandReader) array(count int64) (Command, error) {
	if count > c.limits.MaxItems {
		return Command{}, errCount
	}
	if count <= 0 {
		return Command{}, nil
	}
	if err := c.readWords(count); err != nil {
		return Command{}, unexpected(err)
	}
	return c.command(), nil
}

// Consumed is how many bytes of the stream Next has taken, those of a command that
// it could not read in part.
func (c *CommandReader) Consumed() int64 { return c.passed + int64(c.pos) }

// command is the one whose words were read.
func (c *CommandReader) command() Command {
	c.out = c.out[:0]
	for _, word := range c.words {
		from, to := c.start+word.from, c.start+word.to
		c.out = append(c.out, c.buf[from:to:to])
	}
	if c.odd {
		return Command{Words: c.out, Raw: AppendCommand(nil, c.out...)}
	}
	return Command{Words: c.out, Raw: c.buf[c.start:c.pos:c.pos]}
}

// release forgets the last command.
func (c *CommandReader) release() {
	c.start, c.words, c.odd = c.pos, c.words[:0], false
	if c.start < len(c.buf) {
		return
	}
	c.passed += int64(c.pos)
	c.buf, c.start, c.pos = c.buf[:0], 0, 0
	if cap(c.buf) > keptBuffer {
		c.buf = nil
	}
	if cap(c.out) > keptBuffer/64 {
		c.out, c.words = nil, nil
	}
}

func (c *CommandReader) readWords(count int64) error {
	var total int64
	for range count {
		size, err := c.bulkHeader()
		if err != nil {
			return err
		}
		if total += size; total > hardMaxBytes {
			return protocolErrorf("invalid bulk length")
		}
		if total > c.limits.MaxBytes {
			err = c.skip(size + 2)
		} else {
			err = c.blob(int(size))
		}
		if err != nil {
			return err
		}
	}
	if total > c.limits.MaxBytes {
		return &TooLargeError{Limit: c.limits.MaxBytes, Actual: total}
	}
	return nil
}

func (c *CommandReader) bulkHeader() (int64, error) {
	if size, ok := c.shortHeader('$'); ok {
		return size, nil
	}
	line, err := c.line()
	if err != nil {
		return 0, err
	}
	if len(line) == 0 || line[0] != '$' {
		got := byte('\n')
		if len(line) > 0 {
			got = line[0]
		}
		return 0, protocolErrorf("expected '$', got '%c'", got)
	}
	size, ok := parseInt(line[1:])
	if !ok || size < 0 || size > hardMaxBytes {
		return 0, protocolErrorf("invalid bulk length")
	}
	return size, nil
}

// shortHeader reads a header such as "*3" or "$16", which nearly all are like, faster
// than line does. It reads nothing if the header is another, or not there as a whole.
func (c *CommandReader) shortHeader(kind byte) (n int64, ok bool) {
	head := c.buf[c.pos:min(c.pos+len("$123456\r\n"), len(c.buf))]
	if len(head) == 0 || head[0] != kind {
		return 0, false
	}
	for i := 1; i < len(head)-1; i++ {
		switch b := head[i]; {
		case '0' <= b && b <= '9' && (i == 1 || n > 0):
			n = 10*n + int64(b-'0')
		case b == '\r' && i > 1 && head[i+1] == '\n':
			c.pos += i + 2
			return n, true
		default:
			return 0, false
		}
	}
	return 0, false
}

// line reads a line, without its end, valid until more is read.
func (c *CommandReader) line() ([]byte, error) {
	for seen := 0; ; {
		if at := bytes.IndexByte(c.buf[c.pos+seen:], '\n'); at >= 0 {
			end := c.pos + seen + at
			line := c.buf[c.pos:end]
			c.pos = end + 1
			if n := len(line); n > 0 && line[n-1] == '\r' {
				line = line[:n-1]
			} else {
				c.odd = true
			}
			if len(line) > c.limits.MaxLine {
				return nil, protocolErrorf("too big inline request")
			}
			// "*+3", "$03": fine, but not how AppendCommand writes it
			c.odd = c.odd || len(line) > 2 && (line[1] < '1' || line[1] > '9')
			return line, nil
		}
		if seen = len(c.buf) - c.pos; seen > c.limits.MaxLine+1 {
			return nil, protocolErrorf("too big inline request")
		}
		if err := c.fill(); err != nil {
			return nil, err
		}
	}
}

// blob reads size bytes and the line end after them as a word.
func (c *CommandReader) blob(size int) error {
	for len(c.buf)-c.pos < size+2 {
		if err := c.fill(); err != nil {
			return err
		}
	}
	from, to := c.pos, c.pos+size
	if c.buf[to] != '\r' || c.buf[to+1] != '\n' {
		return protocolErrorf("expected CRLF after %d bytes, got %q", size, c.buf[to:to+2])
	}
	c.words = append(c.words, span{from - c.start, to - c.start})
	c.pos = to + 2
	return nil
}

// skip throws away the command so far and n bytes.
func (c *CommandReader) skip(n int64) error {
	c.words = c.words[:0]
	for {
		step := min(n, int64(len(c.buf)-c.pos))
		c.pos += int(step)
		c.start = c.pos
		if n -= step; n == 0 {
			return nil
		}
		if err := c.fill(); err != nil {
			return err
		}
	}
}

// fill reads more, at least a byte.
func (c *CommandReader) fill() error {
	if c.start > 0 {
		c.passed += int64(c.start)
		c.buf = c.buf[:copy(c.buf, c.buf[c.start:])]
		c.pos -= c.start
		c.start = 0
	}
	if len(c.buf) == cap(c.buf) {
		c.buf = slices.Grow(c.buf, max(firstBuffer, len(c.buf)))
	}
	for range maxEmptyReads {
		n, err := c.src.Read(c.buf[len(c.buf):cap(c.buf)])
		c.buf = c.buf[:len(c.buf)+n]
		if n > 0 {
			return nil // an error comes again
		}
		if err != nil {
			return err
		}
	}
	return io.ErrNoProgress
}

// maxEmptyReads is how often a source may bring neither bytes nor an error.
const maxEmptyReads = 100
