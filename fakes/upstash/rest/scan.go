package rest

import (
	"bytes"
	"unicode/utf8"
)

// words are the commands of a body. Their bytes are the body's, as far as they can be.
type words struct {
	all  [][]byte
	cmds [][][]byte
}

// parseCommand reads a body of the form ["SET", "k", "v", "EX", 100].
func (w *words) parseCommand(body []byte) error {
	s := scanner{body: body, words: w}
	if s.command() && s.end() {
		return nil
	}
	args, err := parseCommand(body)
	w.cmds = append(w.cmds[:0], args)
	return err
}

// parseCommands reads a body of the form [["SET", "k", "v"], ["GET", "k"]]: at least one command.
func (w *words) parseCommands(body []byte) error {
	s := scanner{body: body, words: w}
	if s.commands() && s.end() {
		return nil
	}
	cmds, err := parseCommands(body)
	w.cmds = cmds
	return err
}

// scanner reads the commands of bodies as clients usually write them, fast: arrays of strings, which may have the
// short escapes, and numbers. Where it meets anything else, all errors among it, it gives up, and the parser in
// body.go, which goes by encoding/json, has the say.
type scanner struct {
	*words
	body []byte
	at   int
}

func (s *scanner) commands() bool {
	if !s.skip('[') {
		return false
	}
	for s.command() {
		switch {
		case s.skip(','):
		case s.skip(']'):
			return true
		default:
			return false
		}
	}
	return false
}

func (s *scanner) command() bool {
	if !s.skip('[') {
		return false
	}
	for first := len(s.all); ; {
		if !s.word() || len(s.all) > maxArgs {
			return false
		}
		switch {
		case s.skip(','):
		case s.skip(']'):
			s.cmds = append(s.cmds, s.all[first:len(s.all):len(s.all)])
			return true
		default:
			return false
		}
	}
}

// word reads a string or a number.
func (s *scanner) word() bool {
	if s.skip('"') {
		return s.add(s.text())
	}
	return s.add(s.number())
}

func (s *scanner) add(word []byte, ok bool) bool {
	s.all = append(s.all, word)
	return ok
}

// text reads a string up to its closing quote.
func (s *scanner) text() (word []byte, ok bool) {
	start, escapes, ascii := s.at, false, true
	for ; s.at < len(s.body); s.at++ {
		switch c := s.body[s.at]; {
		case c == '"':
			word = s.body[start:s.at:s.at]
			s.at++
			if escapes {
				word, ok = unescape(word)
				return word, ok && (ascii || utf8.Valid(word))
			}
			return word, ascii || utf8.Valid(word)
		case c == '\\':
			escapes = true
			s.at++
		case c < ' ':
			return nil, false
		case c >= utf8.RuneSelf:
			ascii = false
		}
	}
	return nil, false
}

// unescape resolves the short escapes, of which \u is none.
func unescape(text []byte) (word []byte, ok bool) {
	const escaped, meant = `"\/bfnrt`, "\"\\/\b\f\n\r\t"
	word = make([]byte, 0, len(text))
	for {
		at := bytes.IndexByte(text, '\\')
		if at < 0 {
			return append(word, text...), true
		}
		i := bytes.IndexByte([]byte(escaped), text[at+1]) // text has no backslash at its end
		if i < 0 {
			return nil, false
		}
		word = append(append(word, text[:at]...), meant[i])
		text = text[at+2:]
	}
}

// number reads a number, which keeps its digits.
func (s *scanner) number() (word []byte, ok bool) {
	start := s.at
	s.one("-")
	if !s.one("0") && s.digits() == 0 {
		return nil, false
	}
	if s.one(".") && s.digits() == 0 {
		return nil, false
	}
	if s.one("eE") {
		s.one("+-")
		if s.digits() == 0 {
			return nil, false
		}
	}
	return s.body[start:s.at:s.at], true
}

// one goes past one of these characters, if it is there.
func (s *scanner) one(of string) bool {
	if s.at < len(s.body) && bytes.IndexByte([]byte(of), s.body[s.at]) >= 0 {
		s.at++
		return true
	}
	return false
}

// digits goes past digits and says how many there were.
func (s *scanner) digits() int {
	start := s.at
	for s.at < len(s.body) && '0' <= s.body[s.at] && s.body[s.at] <= '9' {
		s.at++
	}
	return s.at - start
}

// skip goes past white space, and past c and the white space behind it if it is there.
func (s *scanner) skip(c byte) bool {
	s.space()
	if s.at == len(s.body) || s.body[s.at] != c {
		return false
	}
	s.at++
	if c != '"' {
		s.space()
	}
	return true
}

func (s *scanner) space() {
	for s.at < len(s.body) {
		switch s.body[s.at] {
		case ' ', '\t', '\n', '\r':
			s.at++
		default:
			return
		}
	}
}

// end says whether all of the body has been read.
func (s *scanner) end() bool { return s.at == len(s.body) }
