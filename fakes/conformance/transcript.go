package conformance

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"tollgate/fakes/upstash/resp"
)

//go:embed transcripts/*.txt
var transcripts embed.FS

// transcript is one case: what is sent and what has to come back.
type transcript struct {
	family  string // the file's name
	name    string
	alone   bool     // it needs the database to itself
	since   string   // the Redis that has it first, such as "8.2.0"
	tcpOnly string   // why it has no place in REST
	not     []except // on which targets and doors it cannot run, and why
	steps   []step
}

type except struct{ label, why string }

// step is a command, or a reply that has to come.
type step struct {
	line       int
	client     string    // which connection; "" is the first
	command    [][]byte  // nil: a reply
	want       []variant // of a reply; the first holds everywhere else
	eventually bool      // the reply may take some time: the command is sent again
	text       string
}

// variant is the reply where all labels hold: those of the target, and the door's.
type variant struct {
	labels []string
	pattern
}

// keyword is a word that stands for a key of the case's own.
var keyword = regexp.MustCompile(`(^|[ "'/,])@([\w*?\[\\])`)

// withKeys gives the keys of text, written @name, the prefix.
func withKeys(text, prefix string) string {
	return keyword.ReplaceAllString(text, "${1}"+strings.ReplaceAll(prefix, "$", "$$")+"${2}")
}

// loadTranscripts reads all cases. Keys get the prefix.
func loadTranscripts(prefix string) ([]transcript, error) {
	files, err := fs.Glob(transcripts, "transcripts/*.txt")
	if err != nil {
		return nil, err
	}
	var all []transcript
	for _, file := range files {
		text, err := transcripts.ReadFile(file)
		if err != nil {
			return nil, err
		}
		p := transcriptParser{family: strings.TrimSuffix(path.Base(file), ".txt")}
		for i, line := range strings.Split(withKeys(string(text), prefix), "\n") {
			if err := p.add(i+1, line); err != nil {
				return nil, fmt.Errorf("conformance: %s:%d: %w", file, i+1, err)
			}
		}
		if err := p.checkReasons(); err != nil {
			return nil, fmt.Errorf("conformance: %s: %w", file, err)
		}
		all = append(all, p.cases...)
	}
	return all, nil
}

type transcriptParser struct {
	family string
	cases  []transcript
	reason int // line of a variant that owes its reason
}

// prompt is how commands ("> PING", "2> PING") and replies ("< +PONG") begin.
var prompt = regexp.MustCompile(`^([0-9]?)([<>]) ?(.*)$`)

func (p *transcriptParser) add(number int, line string) error {
	switch {
	case strings.TrimSpace(line) == "" || strings.HasPrefix(line, "#"):
		return nil
	case strings.HasPrefix(line, "== "):
		p.cases = append(p.cases, transcript{family: p.family, name: strings.TrimPrefix(line, "== ")})
		return p.checkReasons()
	case len(p.cases) == 0:
		return fmt.Errorf("%q before the first case", line)
	}
	c := &p.cases[len(p.cases)-1]
	if directive, ok := strings.CutPrefix(line, "! "); ok {
		return c.direct(directive)
	}
	if strings.HasPrefix(line, "  ") {
		return p.vary(c, number, strings.TrimSpace(line))
	}
	if err := p.checkReasons(); err != nil {
		return err
	}
	found := prompt.FindStringSubmatch(line)
	switch {
	case found == nil:
		return fmt.Errorf("%q is neither a command nor a reply", line)
	case found[2] == ">":
		return c.send(number, found[1], found[3])
	default:
		return c.expect(number, found[1], found[3])
	}
}

func (c *transcript) direct(directive string) error {
	word, rest, _ := strings.Cut(directive, " ")
	switch word {
	case "alone":
		c.alone = true
	case "since":
		c.since = rest
	case "tcp-only":
		c.tcpOnly = rest
	case "not":
		label, why, ok := strings.Cut(rest, ": ")
		if !ok {
			return fmt.Errorf("%q gives no reason", directive)
		}
		c.not = append(c.not, except{label, why})
	default:
		return fmt.Errorf("unknown directive %q", directive)
	}
	return nil
}

// send adds a command; its words are as in redis-cli.
func (c *transcript) send(line int, client, text string) error {
	command, err := resp.NewCommandReader(strings.NewReader(text+"\n"), resp.Limits{}).Next()
	if err == nil && len(command.Words) == 0 {
		err = fmt.Errorf("no command")
	}
	c.steps = append(c.steps, step{line: line, client: client, command: command.Words, text: text})
	return err
}

func (c *transcript) expect(line int, client, text string) error {
	s := step{line: line, client: client, text: text}
	text, s.eventually = strings.CutPrefix(text, "eventually ")
	want, err := parsePattern(text)
	s.want = []variant{{pattern: want}}
	c.steps = append(c.steps, s)
	return err
}

// vary adds to the last reply what holds under some label, or says why it does.
func (p *transcriptParser) vary(c *transcript, line int, text string) error {
	label, rest, ok := strings.Cut(text, ": ")
	if !ok || len(c.steps) == 0 || len(c.steps[len(c.steps)-1].want) == 0 {
		return fmt.Errorf("%q is no variant of a reply", text)
	}
	if label == "why" {
		p.reason = 0
		return nil
	}
	want, err := parsePattern(rest)
	s := &c.steps[len(c.steps)-1]
	v := variant{labels: strings.Fields(label), pattern: want}
	s.want = append(s.want, v)
	if slices.ContainsFunc(v.labels, func(l string) bool { return !isDoor(l) }) {
		p.reason = line
	}
	return err
}

func (p *transcriptParser) checkReasons() error {
	if p.reason != 0 {
		return fmt.Errorf("line %d is a known difference without a reason (why: ...)", p.reason)
	}
	return nil
}

// under is what holds for the given labels: the last of those that name the most of them.
func (s step) under(labels []string) variant {
	best := s.want[0]
	for _, v := range s.want[1:] {
		holds := !slices.ContainsFunc(v.labels, func(l string) bool { return !slices.Contains(labels, l) })
		if holds && len(v.labels) >= len(best.labels) {
			best = v
		}
	}
	return best
}
