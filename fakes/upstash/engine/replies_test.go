package engine_test

import (
	"bufio"
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/fakes/upstash/resp"
)

// record makes the test write down what redis-server answers, or, where that is too
// old, what the embedded engine does; to be read with care before it is kept.
var record = flag.Bool("record", false, "write testdata/replies anew")

// Each file in testdata/replies is a session: lines of ">" and a command, each with
// the reply below it, byte by byte but for line ends, which are spaces. Words may be
// quoted as in Go. A file whose first line is "# newer than redis-server 7.0" was
// written by the documentation of Redis and Upstash; the others are what 7.0 says.
func TestReplies(t *testing.T) {
	files, err := filepath.Glob("testdata/replies/*.txt")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".txt")
		t.Run(name, func(t *testing.T) {
			raw, err := os.ReadFile(file)
			require.NoError(t, err)
			newer := bytes.HasPrefix(raw, []byte("# newer than redis-server 7.0"))
			if *record {
				c := dial(t, start(t))
				if !newer {
					c = realRedis(t)
				}
				require.NoError(t, os.WriteFile(file, []byte(replay(t, c, string(raw))), 0o600))
				return
			}
			t.Run("embedded", func(t *testing.T) {
				require.Equal(t, string(raw), replay(t, dial(t, start(t)), string(raw)))
			})
			t.Run("redis-server", func(t *testing.T) {
				if newer {
					t.Skip("redis-server 7.0 does not have these")
				}
				require.Equal(t, string(raw), replay(t, realRedis(t), string(raw)))
			})
		})
	}
}

// replay runs a file's commands and is the file with the replies that come now.
func replay(t *testing.T, c *client, file string) string {
	var now strings.Builder
	for line := range strings.Lines(file) {
		command, isCommand := strings.CutPrefix(line, ">")
		if isCommand || strings.HasPrefix(line, "#") || strings.TrimSpace(line) == "" {
			now.WriteString(line)
		}
		if isCommand {
			c.send(splitWords(t, command)...)
			now.WriteString(c.raw() + "\n")
		}
	}
	return now.String()
}

// raw is the next reply as it comes, with spaces for line ends.
func (c *client) raw() string {
	var raw bytes.Buffer
	out := bufio.NewWriter(&raw)
	_, err := resp.CopyValue(out, c.r, resp.Limits{})
	require.NoError(c.t, err)
	require.NoError(c.t, out.Flush())
	text := strings.TrimSuffix(strings.ReplaceAll(raw.String(), "\r\n", " "), " ")
	if quoted := strconv.Quote(text); strings.Contains(quoted, `\x`) || strings.Contains(quoted, `\n`) {
		return quoted
	}
	return text
}

func splitWords(t testing.TB, line string) []string {
	var words []string
	for line = strings.TrimSpace(line); line != ""; line = strings.TrimSpace(line) {
		if line[0] == '"' {
			quoted, err := strconv.QuotedPrefix(line)
			require.NoError(t, err)
			word, err := strconv.Unquote(quoted)
			require.NoError(t, err)
			words, line = append(words, word), line[len(quoted):]
			continue
		}
		word, rest, _ := strings.Cut(line, " ")
		words, line = append(words, word), rest
	}
	return words
}
