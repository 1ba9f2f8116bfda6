package conformance

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"tollgate/fakes/upstash/resp"
)

// parsePattern reads what a reply has to be:
//
//	+OK                  a status
//	-ERR no such key     an error, to the end of the line; with "*" at its end, how it starts
//	"text\x00"           a string, quoted as in Go
//	42   1..100   int    an integer, one in a range, any
//	,1.5  true  nil      a double, a boolean, a null
//	str   any            any string or status, anything but an error
//	["a" [1 2]]          a list; %[ a map, ~[ a set, >[ a push of RESP3
//	sorted ["a" "b"]     the same in any order; pairs [..] in any order by twos
//	[...]                a list of whatever length
func parsePattern(text string) (pattern, error) {
	p := patternParser{rest: strings.TrimSpace(text)}
	if len(p.rest) > 1 && p.rest[0] == '-' && 'A' <= p.rest[1] && p.rest[1] <= 'Z' {
		return errorPattern(p.rest[1:]), nil
	}
	parsed, err := p.pattern()
	if err == nil && strings.TrimSpace(p.rest) != "" {
		err = fmt.Errorf("%q after it", p.rest)
	}
	if err != nil {
		return pattern{}, fmt.Errorf("pattern %q: %w", text, err)
	}
	return parsed, nil
}

func errorPattern(text string) pattern {
	start, open := strings.CutSuffix(text, "*")
	p := pattern{value: resp.Value{Kind: resp.Error, Str: []byte(start)}}
	if open {
		p.grade = errorLike
	}
	return p
}

type patternParser struct{ rest string }

func (p *patternParser) pattern() (pattern, error) {
	p.rest = strings.TrimLeft(p.rest, " ")
	switch {
	case p.take("sorted "):
		return p.reordered(sortedList)
	case p.take("pairs "):
		return p.reordered(pairedList)
	case p.take("["):
		return p.list(resp.Array)
	case p.take("%["):
		return p.list(resp.Map)
	case p.take("~["):
		return p.list(resp.Set)
	case p.take(">["):
		return p.list(resp.Push)
	case p.take(`-"`):
		p.rest = `"` + p.rest
		text, err := p.quoted()
		return errorPattern(text), err
	case strings.HasPrefix(p.rest, `"`):
		text, err := p.quoted()
		return pattern{value: resp.Bulk(text)}, err
	}
	return word(p.word())
}

func (p *patternParser) reordered(g grade) (pattern, error) {
	inner, err := p.pattern()
	if err == nil && inner.grade != list {
		err = fmt.Errorf("%v is no list", inner)
	}
	inner.grade = g
	return inner, err
}

func (p *patternParser) list(kind resp.Kind) (pattern, error) {
	parsed := pattern{grade: list, value: resp.Value{Kind: kind}}
	if p.take("...]") {
		parsed.grade = streamOfKind
		return parsed, nil
	}
	for {
		p.rest = strings.TrimLeft(p.rest, " ")
		switch {
		case p.take("]"):
			return parsed, nil
		case p.rest == "":
			return parsed, fmt.Errorf("a list that does not end")
		}
		item, err := p.pattern()
		if err != nil {
			return parsed, err
		}
		parsed.items = append(parsed.items, item)
	}
}

func (p *patternParser) take(prefix string) bool {
	rest, ok := strings.CutPrefix(p.rest, prefix)
	if ok {
		p.rest = rest
	}
	return ok
}

func (p *patternParser) quoted() (string, error) {
	quoted, err := strconv.QuotedPrefix(p.rest)
	if err != nil {
		return "", fmt.Errorf("at %q: %w", p.rest, err)
	}
	p.rest = p.rest[len(quoted):]
	return strconv.Unquote(quoted)
}

func (p *patternParser) word() string {
	end := strings.IndexAny(p.rest, " ]")
	if end < 0 {
		end = len(p.rest)
	}
	word := p.rest[:end]
	p.rest = p.rest[end:]
	return word
}

// word is a pattern without spaces or quotes.
func word(s string) (pattern, error) {
	switch s {
	case "nil":
		return pattern{value: resp.Nil()}, nil
	case "true", "false":
		v := resp.Value{Kind: resp.Boolean}
		if s == "true" {
			v.Int = 1
		}
		return pattern{value: v}, nil
	case "any":
		return pattern{grade: anyValue}, nil
	case "str":
		return pattern{grade: anyString}, nil
	case "int":
		return pattern{grade: intRange, lo: math.MinInt64, hi: math.MaxInt64}, nil
	}
	if status, ok := strings.CutPrefix(s, "+"); ok {
		return pattern{value: resp.Simple(status)}, nil
	}
	if double, ok := strings.CutPrefix(s, ","); ok {
		f, err := strconv.ParseFloat(double, 64)
		return pattern{value: resp.Value{Kind: resp.Double, Float: f}}, err
	}
	if lo, hi, ok := strings.Cut(s, ".."); ok {
		from, errLo := strconv.ParseInt(lo, 10, 64)
		to, errHi := strconv.ParseInt(hi, 10, 64)
		if errLo != nil || errHi != nil {
			return pattern{}, fmt.Errorf("%q is no range of integers", s)
		}
		return pattern{grade: intRange, lo: from, hi: to}, nil
	}
	n, err := strconv.ParseInt(s, 10, 64)
	return pattern{value: resp.Int(n)}, err
}
